"""The table of shapes of one trace, each row with its anchor and its links."""

from __future__ import annotations

from dataclasses import dataclass

from tracer.record import Block, Trace
from tracer.render import figures
from tracer.render.outline import outline
from tracer.render.rows import Row, rows
from tracer.site.addresses import Addresses, row_id


@dataclass(frozen=True, slots=True)
class ShapeRow:
    """One row. `guides` are the lines of the outline before the name."""

    anchor: str
    guides: str
    name: str
    level: int
    is_group: bool
    kind: str
    code: str | None
    node: str | None
    taken: tuple[str, ...]
    made: tuple[str, ...]
    parameters: str


@dataclass(frozen=True, slots=True)
class ShapesView:
    """The table, and what it sums up to."""

    name: str
    model: str
    table_file: str
    trace_file: str
    rows: tuple[ShapeRow, ...]
    any_counted: bool


def shapes_view(trace: Trace, name: str, nodes: dict[str, str], to: Addresses) -> ShapesView:
    """The view of a trace; `nodes` are the ids of the boxes of its diagram, by block call."""
    found = rows(trace)
    guides = outline([row.level for row in found], ["" for _ in found])
    return ShapesView(
        name=name,
        model=trace.model,
        table_file=to.data(f"{name}.csv"),
        trace_file=to.data(f"{name}.json"),
        rows=tuple(
            _row(row, guide, trace.blocks, (name, nodes, to))
            for row, guide in zip(found, guides, strict=True)
        ),
        any_counted=any(row.counted and row.parameters for row in found),
    )


def _row(
    row: Row, guides: str, blocks: dict[str, Block], places: tuple[str, dict[str, str], Addresses]
) -> ShapeRow:
    name, nodes, to = places
    node = nodes.get(row.call) if row.call else None
    return ShapeRow(
        anchor=row_id(row.call if row.call is not None else row.path),
        guides=guides,
        name=row.name,
        level=row.level,
        is_group=row.call is None,
        kind=row.kind,
        code=to.kind(blocks.get(row.call) if row.call is not None else None),
        node=to.node(name, node) if node else None,
        taken=tuple(map(figures.shape_of, row.inputs)),
        made=tuple(map(figures.shape_of, row.outputs)),
        parameters=_parameters(row),
    )


def _parameters(row: Row) -> str:
    if not row.parameters:
        return ""
    number = figures.count(row.parameters)
    return f"({number})" if row.counted else number
