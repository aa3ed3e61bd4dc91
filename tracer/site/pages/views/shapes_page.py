"""The table of shapes of one model, each row with its anchor and its links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from markupsafe import Markup

from tracer.render.formats.table import Column, Table, with_formulas
from tracer.render.tables.block_rows import rows
from tracer.render.tables.block_shapes import shape_table
from tracer.site.content.dual_text import DualText
from tracer.site.content.model_results import ModelResults
from tracer.site.pages.page_table import table_part
from tracer.site.pages.urls import Addresses, row_id
from tracer.site.pages.words import Words


@dataclass(frozen=True, slots=True)
class ShapesView:
    """The table of the model of this name, and the files that hold the same, each both ways."""

    name: str
    run: str
    table_file: DualText
    trace_file: DualText
    table: Markup


def shapes_view(
    results: ModelResults, name: str, nodes: Mapping[str, str], to: Addresses, words: Words
) -> ShapesView:
    """Return the view of a model.

    Args:
        results: What is known of the model.
        name: The name of the model on the site.
        nodes: The ids of the boxes of its diagram, by block call.
        to: The addresses as the page writes them.
        words: The phrases of the page's language.
    """
    caption = words.shapes_caption.format(model=results.trace.model)
    if any(row.counted and row.parameters for row in rows(results.trace)):
        caption += f" {words.counted}"
    titles = {
        "block": words.block,
        "class": words.kind,
        "in": words.taken,
        "out": words.made,
        "parameters": words.parameters,
    }
    table = linked_shapes(results, name, nodes, to, words)
    return ShapesView(
        name=name,
        run=results.run,
        table_file=DualText(to.data(f"{name}.csv"), to.data(f"{name}.formulas.csv")),
        trace_file=DualText(to.data(f"{name}.json"), to.data(f"{name}.formulas.json")),
        table=table_part(table, caption, words, titles=titles, classes="ut-shapes"),
    )


def linked_shapes(
    results: ModelResults, name: str, nodes: Mapping[str, str], to: Addresses, words: Words
) -> Table:
    """The shapes in numbers and formulas: rows lead to the map, classes to their walkthroughs."""
    found = rows(results.trace)
    anchors = tuple(row_id(row.path if row.call is None else row.call) for row in found)
    boxes = [nodes.get(row.call or "") for row in found]
    on_map = Column(
        words.on_map,
        ("",) * len(found),
        links=tuple(to.node(name, box) if box else None for box in boxes),
        link_title=words.on_map,
    )
    table = with_formulas(shape_table(results.trace), shape_table(results.formulas))
    table = table.with_fields("block", links=tuple(f"#{anchor}" for anchor in anchors))
    kinds = tuple(to.kind(row.kind) for row in found)
    table = table.with_fields("class", links=kinds, link_title=words.to_code)
    return replace(table, columns=(*table.columns, on_map), anchors=anchors)
