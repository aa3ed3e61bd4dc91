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


def below(blocks: Iterable[Block], path: str) -> tuple[str, tuple[str, ...]]:
    """As much of a path as some block has, and the names that stand behind that."""
    known = [_names(block.path) for block in blocks]
    wanted = _names(path.partition("@")[0])
    for count in range(len(wanted), -1, -1):
        found = [names[count] for names in known if _begins(names, wanted[:count])]
        if found:
            return ".".join(wanted[:count]), tuple(dict.fromkeys(found))
    return "", ()


def _begins(names: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether names go on behind these patterns."""
    return len(names) > len(wanted) and _fits(wanted, names[: len(wanted)])


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
