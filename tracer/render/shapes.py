"""The table of shapes: each block with its class, what went in, what came out, its parameters."""

from __future__ import annotations

from collections.abc import Sequence

from tracer.record import Trace, Value
from tracer.render import block_columns as columns
from tracer.render import figures
from tracer.render.grid import Column, Narrowing, Table
from tracer.render.listing import ALL, Listed, View, listing

NARROWING = (
    Narrowing("in", "shorten", "out"),
    Narrowing("parameters", "shorten"),
    Narrowing("class", "drop"),
    Narrowing("in", "drop"),
)
"""A narrow page first loses what other rows say too: the input of a block is an output before."""


def shape_table(trace: Trace, view: View = ALL) -> Table:
    """The shapes of a trace: all of it, or what a view leaves."""
    found = listing(trace, view)
    return Table(
        title=columns.title_of(trace),
        columns=(
            columns.block_column(found),
            columns.class_column(found),
            _shapes("in", [one.row.inputs for one in found]),
            _shapes("out", [one.row.outputs for one in found]),
            columns.parameters_column(found),
        ),
        summary=_summary(trace, found),
        narrowing=NARROWING,
        heads=columns.heads_of(found),
        faint=columns.faint_of(found),
    )


def _shapes(title: str, values: Sequence[tuple[Value, ...]]) -> Column:
    whole = tuple(map(figures.shapes_of, values))
    return Column(title, whole, "shape", short=tuple(map(figures.first_shape_of, values)))


def _summary(trace: Trace, found: Sequence[Listed]) -> tuple[str, ...]:
    counts = (
        figures.plural(trace.root.parameters, "parameter"),
        figures.plural(len(trace.blocks), "block"),
        _captured(trace),
    )
    counted = any(one.row.counted and one.row.parameters for one in found)
    folded = "(× n: n blocks alike, one after another; what is below them is shown of the first)"
    return (
        "in: " + ", ".join(f"{value.name} {_described(value)}" for value in trace.inputs),
        "out: " + (", ".join(map(_described, trace.outputs)) or "nothing"),
        ", ".join(counts),
        *([columns.BRACKETS] if counted else []),
        *([folded] if any(len(one.rows) > 1 for one in found) else []),
        *columns.notes_of(trace),
    )


def _captured(trace: Trace) -> str:
    ran = len(trace.steps) + trace.missed
    return f"{len(trace.steps):,} of {figures.plural(ran, 'operation')}"


def _described(value: Value) -> str:
    return f"{figures.shape_of(value)} {value.dtype}"
