"""Which blocks a path with wildcards means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from tracer.record import Block


def is_glob(path: str) -> bool:
    """Whether a path may mean several modules."""
    return any(mark in path for mark in "*?[")


def matching(blocks: Iterable[Block], path: str) -> tuple[Block, ...]:
    """The blocks that a path means: every call of its modules, or one call behind an ``@``."""
    path, at, call = path.partition("@")
    wanted = _names(path)
    found = (block for block in blocks if _fits(wanted, _names(block.path)))
    return tuple(block for block in found if not at or _number(block) == call)


def _names(path: str) -> list[str]:
    return path.split(".") if path else []


def _number(block: Block) -> str:
    """Which call of its module a block is, from "0"."""
    return block.call.removeprefix(block.path).removeprefix("@") or "0"


def _fits(wanted: Sequence[str], names: Sequence[str]) -> bool:
    """Whether each name fits its pattern; ``**`` is any number of names, none included."""
    if not wanted:
        return not names
    head, *rest = wanted
    if head == "**":
        return any(_fits(rest, names[skipped:]) for skipped in range(len(names) + 1))
    return bool(names) and fnmatchcase(names[0], head) and _fits(rest, names[1:])
