"""The table of shapes: each block with its class, what went in, what came out, its parameters."""

from __future__ import annotations

from collections.abc import Sequence

from tracer.record import Trace, Value
from tracer.render import figures
from tracer.render.grid import Column, Narrowing, Table
from tracer.render.outline import outline
from tracer.render.rows import Row, rows

NARROWING = (
    Narrowing("in", "shorten"),
    Narrowing("parameters", "shorten"),
    Narrowing("class", "drop"),
    Narrowing("in", "drop"),
)
"""A narrow page first loses what other rows say too: the input of a block is an output before."""


def shape_table(trace: Trace, depth: int | None = None) -> Table:
    """The shapes of a trace, as deep as `depth` levels below the model."""
    found = rows(trace, depth)
    return Table(
        title=_title(trace),
        columns=_columns(found),
        summary=_summary(trace, found),
        narrowing=NARROWING,
        heads=frozenset(n for n, row in enumerate(found) if not row.call),
    )


def _columns(found: Sequence[Row]) -> tuple[Column, ...]:
    return (
        Column(
            "block",
            tuple(row.call or row.path or row.name for row in found),
            "path",
            outline=outline([row.level for row in found], [row.name for row in found]),
        ),
        Column("class", tuple(row.kind for row in found), "kind"),
        Column(
            "in",
            tuple(figures.shapes_of(row.inputs) for row in found),
            "shape",
            short=tuple(figures.first_shape_of(row.inputs) for row in found),
        ),
        Column("out", tuple(figures.shapes_of(row.outputs) for row in found), "shape"),
        Column(
            "parameters",
            tuple(_parameters(row, figures.count(row.parameters)) for row in found),
            "number",
            short=tuple(_parameters(row, figures.rounded(row.parameters)) for row in found),
            short_title="params",
            exact=tuple(str(row.parameters) for row in found),
        ),
    )


def _parameters(row: Row, number: str) -> str:
    """Nothing for none; in brackets what a row before counted already."""
    if not row.parameters:
        return ""
    return f"({number})" if row.counted else number


def _title(trace: Trace) -> str:
    return f"{trace.model} ({trace.target})" if trace.target else trace.model


def _summary(trace: Trace, found: Sequence[Row]) -> tuple[str, ...]:
    counts = (
        figures.plural(trace.root.parameters, "parameter"),
        figures.plural(len(trace.blocks), "block"),
        figures.plural(len(trace.steps), "operation"),
    )
    brackets = "(in brackets: a module that was called before, counted there)"
    return (
        "in: " + ", ".join(f"{value.name} {_described(value)}" for value in trace.inputs),
        "out: " + ", ".join(map(_described, trace.outputs)),
        ", ".join(counts),
        *([brackets] if any(row.counted and row.parameters for row in found) else []),
        *(f"note: {note}" for note in trace.notes),
    )


def _described(value: Value) -> str:
    return f"{figures.shape_of(value)} {value.dtype}"
