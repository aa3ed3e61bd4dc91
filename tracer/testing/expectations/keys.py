"""What the key of an expectation means: a block's outputs or inputs, a join, a place in a list."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from tracer.analysis.operations import join_kinds_by_name

PLACE = re.compile(r"(?:(?P<block>.+)\.)?(?P<name>\w+)\[(?P<index>\*|-?\d+)\]")


@dataclass(frozen=True, slots=True)
class Side:
    """What the blocks of a path put out or take in; the empty path is the model itself."""

    path: str
    side: Literal["in", "out"]


@dataclass(frozen=True, slots=True)
class JoinOperands:
    """The joins whose results the blocks of a path take in."""

    path: str
    join: str


@dataclass(frozen=True, slots=True)
class PushedTensor:
    """A push on a local list, by its number from 0 or from the end; None means every push.

    `block` is the call whose forward owns the list, where it was said.
    """

    name: str
    index: int | None
    block: str | None


KeySubject = Side | JoinOperands | PushedTensor


def subject_of(key: str) -> KeySubject:
    """The tensors that a key means."""
    place = PLACE.fullmatch(key.strip())
    if place is not None:
        index = None if place["index"] == "*" else int(place["index"])
        return PushedTensor(place["name"], index, place["block"])
    prefix, colon, path = (part.strip() for part in key.partition(":"))
    if colon and prefix in join_kinds_by_name():
        return JoinOperands(path, prefix)
    if colon and prefix in {"in", "out"}:
        return Side(path, "in" if prefix == "in" else "out")
    return Side(key.strip(), "out")
