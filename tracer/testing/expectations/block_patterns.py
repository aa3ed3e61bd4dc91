"""Selects blocks by a path with wildcards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from tracer.record import Block


def has_wildcard(path: str) -> bool:
    """Whether a path may match several modules."""
    return any(character in path for character in "*?[")


def matching_blocks(blocks: Iterable[Block], path: str) -> tuple[Block, ...]:
    """Return the blocks at a path: every call of its modules, or one call after an ``@``."""
    path, at, call = path.partition("@")
    patterns = _names(path)
    matches = (block for block in blocks if _matches(patterns, _names(block.path)))
    return tuple(block for block in matches if not at or _call_number(block) == call)


def known_children(blocks: Iterable[Block], path: str) -> tuple[str, tuple[str, ...]]:
    """Return the longest part of a path that exists, and the names of the modules in it."""
    known = [_names(block.path) for block in blocks]
    patterns = _names(path.partition("@")[0])
    for count in range(len(patterns), -1, -1):
        children = [names[count] for names in known if _starts_with(names, patterns[:count])]
        if children:
            return ".".join(patterns[:count]), tuple(dict.fromkeys(children))
    return "", ()


def _starts_with(names: Sequence[str], patterns: Sequence[str]) -> bool:
    """Whether the first names match the patterns, and more names follow."""
    return len(names) > len(patterns) and _matches(patterns, names[: len(patterns)])


def _names(path: str) -> list[str]:
    return path.split(".") if path else []


def _call_number(block: Block) -> str:
    """The number of a call of its module, from "0"."""
    return block.call.removeprefix(block.path).removeprefix("@") or "0"


def _matches(patterns: Sequence[str], names: Sequence[str]) -> bool:
    """Whether each name matches its pattern; ``**`` matches any number of names."""
    if not patterns:
        return not names
    head, *rest = patterns
    if head == "**":
        return any(_matches(rest, names[skipped:]) for skipped in range(len(names) + 1))
    return bool(names) and fnmatchcase(names[0], head) and _matches(rest, names[1:])
