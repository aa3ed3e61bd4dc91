"""The shapes of the tensors that each statement of a model's source made, over all of its runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest

from tracer.annotation.statement_spans import StatementSpan
from tracer.record import Dim, Line, Trace, Value

DIFFERS = "?"
"""A size that is not the same in all runs of a statement."""

Shape = tuple[Dim, ...]


@dataclass(frozen=True, slots=True)
class NamedShape:
    """The shape of what a statement bound to a name, or made without one.

    A size is `DIFFERS` if it differs between runs; the shape is None if the number of axes does.
    """

    name: str
    shape: Shape | None


def find_line_shapes(
    trace: Trace, file: str, spans: Mapping[int, StatementSpan], call: str | None = None
) -> dict[int, tuple[NamedShape, ...]]:
    """Return the shapes that the statements of a file made, by the first line of the statement.

    Args:
        trace: A trace with lines.
        file: The file, as `Line.file` names it.
        spans: Its statements, from `find_statements`.
        call: The call of a block. Only its own lines count; None for those of all calls.
    """
    found: dict[int, list[tuple[str, Shape]]] = {}
    unnamed: dict[int, list[tuple[str, Shape]]] = {}
    for span, line, is_last in _runs(trace, file, spans, call):
        named = [(name, value.shape) for name, value in _named(line)]
        found.setdefault(span.first, []).extend(named)
        if not named and is_last and line.last > line.first:
            made = trace.steps[line.last - 1].outputs[:1]
            unnamed.setdefault(span.first, []).extend(("", value.shape) for value in made)
    return {
        first: _common_shapes(shapes or unnamed.get(first, ()))
        for first, shapes in sorted(found.items())
        if shapes or first in unnamed
    }


def _common_shapes(shapes: Iterable[tuple[str, Shape]]) -> tuple[NamedShape, ...]:
    by_name: dict[str, list[Shape]] = {}
    for name, shape in shapes:
        by_name.setdefault(name, []).append(shape)
    return tuple(NamedShape(name, common_shape(known)) for name, known in by_name.items())


def common_shape(shapes: Iterable[Shape]) -> Shape | None:
    """Return what shapes have in common; None if they have different numbers of axes.

    >>> common_shape([(1, 64, 32), (1, 128, 32)])
    (1, '?', 32)
    """
    known = list(dict.fromkeys(shapes))
    if len(set(map(len, known))) > 1:
        return None
    return tuple(
        sizes[0] if len(set(sizes)) == 1 else DIFFERS for sizes in zip(*known, strict=True)
    )


def _runs(
    trace: Trace, file: str, spans: Mapping[int, StatementSpan], call: str | None
) -> Iterator[tuple[StatementSpan, Line, bool]]:
    """Each line that ran, with its statement, and whether that is complete after it.

    The lines of one statement run out of order: the arguments of a call before the call itself.
    """
    chosen = [
        line
        for line in trace.lines
        if line.touches_tensors
        and line.file == file
        and line.line in spans
        and call in (None, line.block)
    ]
    chosen.sort(key=lambda line: (line.block, line.function))  # stable: in order of running
    for line, following in zip_longest(chosen, chosen[1:]):
        span = spans[line.line]
        is_single = span.first == span.last
        goes_on = (
            following is not None
            and (following.block, following.function) == (line.block, line.function)
            and spans[following.line] is span
            and following.line != line.line
        )
        yield span, line, is_single or (line.line == span.done and not goes_on)


def _named(line: Line) -> Iterator[tuple[str, Value]]:
    """What a line bound or, if it bound nothing, pushed."""
    if line.names:
        yield from line.names
    else:
        pushed = [change.value for change in line.changes if change.kind == "push"]
        yield from (("", value) for value in pushed[-1:])
