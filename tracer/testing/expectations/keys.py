"""Parses the key of an expectation: outputs or inputs of blocks, a join, or a pushed tensor."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from tracer.analysis.operations import join_kinds_by_name

PUSH_PATTERN = re.compile(r"(?:(?P<block>.+)\.)?(?P<name>\w+)\[(?P<index>\*|-?\d+)\]")


@dataclass(frozen=True, slots=True)
class BlockKey:
    """The outputs or inputs of the blocks at a path; the empty path is the model itself."""

    path: str
    side: Literal["in", "out"]


@dataclass(frozen=True, slots=True)
class JoinKey:
    """The joins whose results are inputs of the blocks at a path."""

    path: str
    join: str


@dataclass(frozen=True, slots=True)
class ListKey:
    """A push on a local list, by its number from 0 or from the end; None means every push.

    `block` is the call whose forward owns the list, if the key says so.
    """

    name: str
    index: int | None
    block: str | None


TensorKey = BlockKey | JoinKey | ListKey


def parse_key(key: str) -> TensorKey:
    """Parse the key of an expectation.

    >>> parse_key("in: mid.attn_1")
    BlockKey(path='mid.attn_1', side='in')
    >>> parse_key("hs[-1]")
    ListKey(name='hs', index=-1, block=None)
    """
    push = PUSH_PATTERN.fullmatch(key.strip())
    if push is not None:
        index = None if push["index"] == "*" else int(push["index"])
        return ListKey(push["name"], index, push["block"])
    prefix, colon, path = (part.strip() for part in key.partition(":"))
    if colon and prefix in join_kinds_by_name():
        return JoinKey(path, prefix)
    if colon and prefix in {"in", "out"}:
        return BlockKey(path, "in" if prefix == "in" else "out")
    return BlockKey(key.strip(), "out")
