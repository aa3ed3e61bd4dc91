"""The names of one model beside those of another, and the patterns that they follow.

``down.0.block.1`` and ``down_blocks.0.resnets.1``, and all pairs like them, are one row:
``down.i.block.j`` and ``down_blocks.i.resnets.j``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tracer.algebra.substitute import resize
from tracer.record import Trace
from tracer.snapshot import snapshot_of
from tracer.snapshot.diff import Comparison, compare
from tracer.snapshot.diff.difference import LayerCounts

NAME_NUMBER = re.compile(r"(?<=\.)\d+(?=\.|$)")
LETTERS = "ijn"  # k is the name of a layer of keys
Numbers = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class NamePattern:
    """Two names with letters for numbers, and how many pairs they stand for."""

    ours: str
    theirs: str
    count: int


@dataclass(frozen=True, slots=True)
class SharedBlocks:
    """The blocks that two models have in common.

    Attributes:
        names: Both names of each, in the order of the first model.
        layers: How many layers were paired; None if both models are of one codebase.
        parameters: How many the first model has.
        kind: The class of the second model.
        model: The name of the second model.
    """

    names: tuple[tuple[str, str], ...]
    layers: LayerCounts | None
    parameters: int
    kind: str
    model: str


def shared_blocks(one: Trace, other: Trace) -> SharedBlocks:
    """Return the blocks that the models of two traces have in common."""
    comparison = compare_traces(one, other)
    return SharedBlocks(
        names=tuple(paired_names(comparison)),
        layers=comparison.layers,
        parameters=comparison.before.model.parameters,
        kind=comparison.after.model.kind,
        model=other.model,
    )


def compare_traces(one: Trace, other: Trace) -> Comparison:
    """Compare two traces: in formulas if both have some, otherwise in numbers."""
    if not (one.symbols and other.symbols):
        one, other = resize(one), resize(other)
    return compare(snapshot_of(one), snapshot_of(other))


def paired_names(comparison: Comparison) -> Iterator[tuple[str, str]]:
    """Yield the names of each block that both models have, in the order of the first."""
    names = {old: new for new, old in comparison.old_names.items()}
    for block in comparison.before.blocks:
        call = block.call
        same = call if call in comparison.after.by_call and comparison.layers is None else None
        new = names.get(call, same)
        if new is not None:
            yield call, new


def name_patterns(pairs: Iterable[tuple[str, str]]) -> Iterator[NamePattern]:
    """Yield one pattern for all pairs whose numbers depend on each other in the same way.

    >>> pairs = [("up.0.a", "ups.2.b"), ("up.1.a", "ups.1.b"), ("up.2.a", "ups.0.b"), ("c", "c")]
    >>> for one in name_patterns(pairs):
    ...     print(one.ours, one.theirs, one.count)
    up.i.a ups.(2 − i).b 3
    c c 1
    """
    groups: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for ours, theirs in pairs:
        groups.setdefault((NAME_NUMBER.sub("#", ours), NAME_NUMBER.sub("#", theirs)), []).append(
            (ours, theirs)
        )
    for group in groups.values():
        yield _pattern(group)


def _pattern(group: Sequence[tuple[str, str]]) -> NamePattern:
    columns = [_columns([pair[side] for pair in group]) for side in (0, 1)]
    letters: dict[Numbers, str] = {}
    names = [_written(group[0][side], columns[side], letters) for side in (0, 1)]
    return NamePattern(names[0], names[1], len(group))


def _columns(names: Sequence[str]) -> list[Numbers]:
    """The numbers at each place of a name, one for each of these names."""
    found = [[int(number) for number in NAME_NUMBER.findall(name)] for name in names]
    return list(zip(*found, strict=True))


def _written(name: str, columns: list[Numbers], letters: dict[Numbers, str]) -> str:
    """A name with a letter at each place where the numbers vary."""
    left = iter(columns)
    return NAME_NUMBER.sub(lambda match: _index(next(left), letters), name)


def _index(numbers: Numbers, letters: dict[Numbers, str]) -> str:
    """The letter of numbers, one less another letter, or the number that they all are."""
    if len(set(numbers)) == 1:
        return str(numbers[0])
    if numbers in letters:
        return letters[numbers]
    for other, letter in letters.items():
        sums = {one + two for one, two in zip(numbers, other, strict=True)}
        if len(sums) == 1:
            return f"({sums.pop()} − {letter})"
    return letters.setdefault(numbers, LETTERS[len(letters)])
