"""The table of operations: every tensor operation in the order in which it ran."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tracer.record import Step, Trace, Value
from tracer.render import figures
from tracer.render.grid import Column, Narrowing, Role, Table
from tracer.render.places import place_column

NARROWING = (
    Narrowing("in", "shorten"),
    Narrowing("out", "shorten"),
    Narrowing("in", "drop"),
    Narrowing("at", "shorten"),
    Narrowing("at", "drop"),
    Narrowing("line", "drop"),
)


def step_table(trace: Trace) -> Table:
    """The operations of a trace; the numbers are the indices of `trace.steps`."""

    def column(title: str, role: Role, cell: Callable[[Step], str]) -> Column:
        return Column(title, tuple(map(cell, trace.steps)), role)

    return Table(
        title=f"{figures.plural(len(trace.steps), 'operation')} of {trace.model}",
        columns=(
            Column("#", tuple(map(str, range(len(trace.steps)))), "number"),
            column("operation", "kind", lambda step: step.op),
            column("block", "path", lambda step: step.block or "(the model)"),
            _shapes("in", [step.inputs for step in trace.steps]),
            _shapes("out", [step.outputs for step in trace.steps]),
            place_column("at", [(step.file, step.line) for step in trace.steps]),
        ),
        narrowing=NARROWING,
    )


def _shapes(title: str, values: Sequence[tuple[Value, ...]]) -> Column:
    return Column(
        title,
        tuple(map(figures.shapes_of, values)),
        "shape",
        short=tuple(map(figures.first_shape_of, values)),
    )
