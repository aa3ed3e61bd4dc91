"""What a forward pass costs, in numbers and in formulas, and what of it grows fast."""

from __future__ import annotations

from dataclasses import dataclass, replace

from markupsafe import Markup

from tracer.analysis.costs import Costs, SuperlinearFlops, cost, superlinear_flops
from tracer.render.formats.table import Table, with_formulas
from tracer.render.tables.block_rows import THE_MODEL
from tracer.render.tables.cost_columns import in_full
from tracer.render.tables.cost_growth import (
    growth_sentences,
    growth_table,
    share_title,
    superlinear_block_table,
)
from tracer.render.tables.costs import operation_table
from tracer.site.content.model_results import ModelResults
from tracer.site.pages.page_table import table_part
from tracer.site.pages.urls import Addresses
from tracer.site.pages.words import Words


@dataclass(frozen=True, slots=True)
class CostsView:
    """The costs by kind of operation, sentences about what grows fast, and tables of how it does.

    If nothing grows faster than the image, there are no sentences and no such tables.
    """

    name: str
    run: str
    operations: Markup
    growth: tuple[str, ...]
    growth_tables: tuple[Markup, ...]


def costs_view(results: ModelResults, name: str, to: Addresses, words: Words) -> CostsView:
    """Return the view of the costs of a model.

    Args:
        results: What is known of the model.
        name: The name of the model on the site.
        to: The addresses as the page writes them.
        words: The phrases of the page's language.
    """
    caption = words.costs_caption.format(sizes=results.run)
    operations = operations_in_full(results, words.whole)
    view = CostsView(
        name=name,
        run=results.run,
        operations=table_part(operations, caption, words, titles=_titles(words)),
        growth=(),
        growth_tables=(),
    )
    found = superlinear_flops(results.formulas)
    if found is None:
        return view
    costs = cost(results.formulas)
    return replace(
        view,
        growth=tuple(growth_sentences(found, results.formulas, costs, words.growth)),
        growth_tables=(
            table_part(
                growth_table(found, results.formulas, costs),
                words.growth_caption,
                words,
                titles=_titles(words) | _share_titles(found, words),
            ),
            table_part(
                linked_blocks(found, costs, name, to),
                words.growth_blocks_caption,
                words,
                titles=_titles(words),
            ),
        ),
    )


def operations_in_full(results: ModelResults, total: str) -> Table:
    """Return the costs by kind of operation in numbers and formulas, after a row of totals."""
    numbers, formulas = cost(results.trace), cost(results.formulas)
    same_order = {name: formulas.operations[name] for name in numbers.operations}
    symbolic = operation_table(replace(formulas, operations=same_order), total=total)
    return with_formulas(
        in_full(operation_table(numbers, total=total), "FLOPs"),
        in_full(symbolic, "FLOPs", "bytes written"),
    )


def linked_blocks(found: SuperlinearFlops, costs: Costs, name: str, to: Addresses) -> Table:
    """Return the blocks whose FLOPs grow fast, each with the address of its shapes."""
    table = superlinear_block_table(found, costs)
    calls = ("" if cell == THE_MODEL else cell for cell in table.column("block").cells)
    return table.with_fields("block", links=tuple(to.row(name, call) for call in calls))


def _titles(words: Words) -> dict[str, str]:
    return {
        "operation": words.operation,
        "times": words.times,
        "FLOPs": words.flops,
        "% FLOPs": words.share,
        "bytes written": words.bytes_written,
        "not counted": words.not_counted,
        "size": words.size,
        "block": words.block,
    }


def _share_titles(found: SuperlinearFlops, words: Words) -> dict[str, str]:
    ops = (*found.operations, found.baseline_op)
    return {share_title(op): words.share_of.format(operation=op) for op in ops}
