"""When several blocks in a row become one row: `transformer_blocks.0–9 × 10`.

They fold if they follow one another as members of one list or calls of one module, and are alike:
of one class, with the same shapes, parameters and blocks inside. Tables and diagrams use this rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from tracer.record import Block, Value

_T = TypeVar("_T")

CALL = re.compile(r"(?P<path>(?P<list>.*?)(?P<number>\d{1,9})?)(?:@(?P<again>\d{1,9}))?", re.DOTALL)
"""`down.0@1` is the second call of the member 0 of `down.`. Longer numbers are names."""
MemberPlace = tuple[str, str, int | None, int]
"""The parts of a call: its path, the list it is a member of, its index there, the call's number."""


@dataclass(frozen=True, slots=True)
class Foldable:
    """What may fold: one call of a module, or several below the path that they share."""

    call: str
    blocks: tuple[Block, ...]


def runs(
    items: Sequence[_T],
    part: Callable[[_T], Foldable],
    same: Callable[[_T, _T], bool] | None = None,
) -> Iterator[tuple[_T, ...]]:
    """Yield the items in order, those that fold together.

    Args:
        items: The items, in the order of their calls.
        part: Returns the calls that an item stands for.
        same: A further condition on two items that would fold.
    """
    run: list[_T] = []
    step = None
    for item in items:
        found = _step(part(run[-1]), part(item)) if run else None
        if found and step in {None, found} and (same is None or same(run[-1], item)):
            step = found
        elif run:
            yield tuple(run)
            run, step = [], None
        run.append(item)
    if run:
        yield tuple(run)


def range_of(first: str, last: str, dash: str = "–") -> str:
    """Return the name of a range of members: `down.0` to `down.3` are `down.0–3`.

    >>> range_of("down.0", "down.3")
    'down.0–3'
    """
    path, _, _, again = _place(first)
    other, start, _, _ = _place(last)
    ending = f"@{again}" if again else ""
    return first if path == other else f"{path}{dash}{other.removeprefix(start)}{ending}"


def _step(one: Foldable, other: Foldable) -> str | None:
    """How a part follows another like it: "again", "up" or "down"; None where it does not."""
    direction = _direction(_place(one.call), _place(other.call))
    return direction if direction and _likeness(one) == _likeness(other) else None


def _direction(one: MemberPlace, other: MemberPlace) -> str | None:
    if one[0] == other[0]:
        return "again" if other[3] == one[3] + 1 else None
    if one[1] != other[1] or one[3] != other[3] or one[2] is None or other[2] is None:
        return None
    return {1: "up", -1: "down"}.get(other[2] - one[2])


@lru_cache(maxsize=4096)  # each call is compared with several, and may be long
def _place(call: str) -> MemberPlace:
    found = CALL.fullmatch(call)
    assert found is not None  # any text is a path
    path, members, number, again = found.group("path", "list", "number", "again")
    if not number or (members and not members.endswith(".")):
        return path, path, None, int(again or 0)  # `conv1` and `conv2` are no list
    return path, members, int(number), int(again or 0)


def _likeness(part: Foldable) -> Hashable:
    path = _place(part.call)[0]
    return tuple((_name(block, path), _kind(block)) for block in part.blocks)


def _kind(block: Block) -> Hashable:
    """All that is the same of two blocks that are alike."""
    return (
        block.kind,
        _shapes(block.inputs),
        _shapes(block.outputs),
        (block.parameters, block.own_parameters, block.buffers),
        block.last - block.first,
        tuple((_name(child, block.path), _kind(child)) for child in block.children),
    )


def _shapes(values: Sequence[Value]) -> Hashable:
    return tuple((value.shape, value.dtype) for value in values)


def _name(block: Block, above: str) -> str:
    """The path of a block from one above it; the whole of it when it stands elsewhere."""
    if block.path == above:
        return ""
    return block.path.removeprefix(f"{above}.") if above else block.path
