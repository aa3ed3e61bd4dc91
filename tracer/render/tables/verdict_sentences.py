"""What is said of a verified trace: the verdict, what it is based on, where the graph differs."""

from __future__ import annotations

from collections.abc import Iterator

from tracer.analysis.replay_verdict import OperationDifference, ReplayVerdict
from tracer.record import Value
from tracer.render.formats.table import Table
from tracer.render.number_format import plural, shape_of


def verdict_table(verdict: ReplayVerdict) -> Table:
    """Return the verdict as sentences, in a table without columns."""
    return Table("", columns=(), summary=tuple(_sentences(verdict)))


def _sentences(verdict: ReplayVerdict) -> Iterator[str]:
    """The verdict, where it is bad the operation to look at, and what it is based on."""
    graph = f"The recorded graph of {verdict.model}, {plural(verdict.operations, 'operation')},"
    if verdict.proven:
        yield f"{graph}\ncomputes what the model computes, bit for bit."
    elif verdict.other_numbers is not None:
        yield f"{graph}\nholds only for the numbers of this run."
        yield from _place(verdict.other_numbers)
    elif verdict.same:
        yield f"{graph}\nmatches the model, but the match is not conclusive: {_why(verdict)}."
    else:
        yield f"{graph}\ndoes not compute what the model computes."
        yield from _difference(verdict)
    yield from _listed("inputs", verdict.inputs)
    yield from _listed("outputs", verdict.outputs)
    yield f"  spread   {verdict.spread:.3g} (smallest standard deviation of an output)"
    if verdict.number_sets > 1 and verdict.proven:
        yield f"  numbers  {verdict.number_sets} sets, and the graph is the model for all of them"
    if verdict.smaller:
        yield "  The images were reduced to keep the run short."
    yield from (f"note: {note}" for note in verdict.notes)


def _why(verdict: ReplayVerdict) -> str:
    """Why equal bits are not conclusive."""
    if not verdict.outputs:
        return "it returns no tensor"
    return "one output is the same number throughout, or not finite"


def _difference(verdict: ReplayVerdict) -> Iterator[str]:
    found = verdict.difference
    if found is None:
        yield "All operations match, but the returned values differ."
        return
    yield from _place(found)


def _place(found: OperationDifference) -> Iterator[str]:
    """The operation that differs, if it is one, and how."""
    if not found.op:
        yield f"{found.how[:1].upper()}{found.how[1:]}."
        return
    place = f" at {found.file}:{found.line}" if found.file else ""
    block = f"block {found.block}" if found.block else "the model itself"
    yield f"The first difference is in {found.op}, operation {found.step}, in {block}{place}:"
    yield f"{found.how}."


def _listed(title: str, values: tuple[Value, ...]) -> Iterator[str]:
    """Values below each other, beside a title."""
    for number, value in enumerate(values):
        label = "" if number else title
        yield f"  {label:7}  {value.name} {shape_of(value)} {value.dtype}"
