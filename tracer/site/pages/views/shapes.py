"""The table of shapes of one trace, each row with its anchor and its links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tracer.render import number_format
from tracer.render.tables.rows import BlockRow, rows
from tracer.render.tables.tree_guides import outline
from tracer.site.content.dual_text import DualText, Shapes
from tracer.site.content.model_results import ModelResults
from tracer.site.pages.urls import Addresses, row_id


@dataclass(frozen=True, slots=True)
class ShapeRow:
    """One row. `guides` are the lines of the outline before the name."""

    anchor: str
    guides: str
    name: str
    is_group: bool
    kind: str
    code: str | None
    node: str | None
    taken: tuple[DualText, ...]
    made: tuple[DualText, ...]
    parameters: str


@dataclass(frozen=True, slots=True)
class ShapesView:
    """The table of the trace of this name, and the files that hold the same, each both ways."""

    name: str
    model: str
    run: str
    table_file: DualText
    trace_file: DualText
    rows: tuple[ShapeRow, ...]
    any_counted: bool


def shapes_view(
    findings: ModelResults, name: str, nodes: Mapping[str, str], to: Addresses
) -> ShapesView:
    """The view of a trace; `nodes` are the ids of the boxes of its diagram, by block call."""
    found = rows(findings.trace)
    guides = outline([row.level for row in found], ["" for _ in found])
    addresses = {call: to.node(name, node) for call, node in nodes.items()}
    return ShapesView(
        name=name,
        model=findings.trace.model,
        run=findings.run,
        table_file=DualText(to.data(f"{name}.csv"), to.data(f"{name}.formulas.csv")),
        trace_file=DualText(to.data(f"{name}.json"), to.data(f"{name}.formulas.json")),
        rows=tuple(
            _row(row, guide, addresses.get(row.call or ""), (to, findings.shapes))
            for row, guide in zip(found, guides, strict=True)
        ),
        any_counted=any(row.counted and row.parameters for row in found),
    )


def _row(row: BlockRow, guides: str, node: str | None, known: tuple[Addresses, Shapes]) -> ShapeRow:
    to, shapes = known
    return ShapeRow(
        anchor=row_id(row.path if row.call is None else row.call),
        guides=guides,
        name=row.name,
        is_group=row.call is None,
        kind=row.kind,
        code=to.kind(row.kind),
        node=node,
        taken=shapes.all_of(row.inputs),
        made=shapes.all_of(row.outputs),
        parameters=_parameters(row),
    )


def _parameters(row: BlockRow) -> str:
    if not row.parameters:
        return ""
    number = number_format.count(row.parameters)
    return f"({number})" if row.counted else number
