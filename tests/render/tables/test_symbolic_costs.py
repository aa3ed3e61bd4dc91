"""tracer/render/tables/symbolic_costs.py: the tables of costs as formulas."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.example import symbolic_example
from tracer.analysis.costs import cost_formulas
from tracer.errors import TraceError
from tracer.record import Step, Symbol, Trace
from tracer.render.formats.terminal import fit, table_width
from tracer.render.tables.cost_report import cost_report
from tracer.render.tables.symbolic_costs import block_formulas, formula_sums, operation_formulas
from tracer.render.tables.visible_rows import RowSelection

FLOPS = {"conv2d": "72*B*H*W", "linear": "16*B", "scaled_dot_product_attention": "4*B*H**2*W**2"}


def trace() -> Trace:
    found = symbolic_example()
    steps = tuple(replace(step, flops=_flops(step)) for step in found.steps)
    symbols = Symbol("B", 1), Symbol("H", 16, 2), Symbol("W", 16, 2)
    return replace(found, steps=steps, symbols=symbols)


def _flops(step: Step) -> str | None:
    return FLOPS.get(step.op)


def test_each_block_has_a_formula_in_few_characters_and_an_exact_one() -> None:
    table = block_formulas(trace(), cost_formulas(trace()), RowSelection(1))
    rows = {row[0]: row for row in table.rows}
    assert rows["mid"][2:4] == ("4·B·(H·W)² + 144·B·H·W + 64·B", "59.6")
    assert rows["conv_in"][2:] == ("72·B·H·W", "3.7", "32·B·H·W")
    flops = next(column for column in table.columns if column.title == "FLOPs")
    assert flops.exact[0].startswith("4*B*H**2*W**2 + ")


def test_blocks_that_are_folded_are_summed() -> None:
    view = RowSelection(fold=True)
    whole = cost_formulas(trace())
    cells = block_formulas(trace(), whole, view).columns[2].exact
    assert cells[0] == str(whole.total.flops)


def test_operations_that_grow_fastest_come_first() -> None:
    table = operation_formulas(trace(), cost_formulas(trace()))
    assert [row[0] for row in table.rows][:3] == [
        "scaled_dot_product_attention",
        "conv2d",
        "linear",
    ]
    assert table.rows[0][2] == "4·B·(H·W)²"


def test_what_is_not_counted_is_marked() -> None:
    rows = {row[0]: row for row in operation_formulas(trace(), cost_formulas(trace())).rows}
    assert rows["interpolate"][2] == "?"
    assert rows["transpose"][2] == ""


def test_the_sums_say_what_grows_with_the_square_and_when_it_is_the_most() -> None:
    flops, written, grows, most, unknown, sizes = formula_sums(trace(), cost_formulas(trace()))
    assert flops == "FLOPs: 4·B·(H·W)² + 936·B·H·W + 128·B; a multiply-add is two."
    assert written.startswith("Bytes written: ")
    assert grows == (
        "Attention grows with (H·W)²: "
        "4·B·(H·W)² FLOPs of scaled_dot_product_attention, in mid.attn."
    )
    assert most == (
        "At B = 1, H = W = 16 that is 52.2% of all FLOPs; "
        "from H = W = 16 on it is more than conv2d."
    )
    assert unknown == "Not counted, for their cost is not known: add 13, interpolate 1."
    assert sizes.startswith("sizes: B = 1, H = W = 16 in this run")


def test_where_nothing_grows_with_the_square_the_sums_do_not_speak_of_it() -> None:
    flat = replace(trace(), steps=tuple(replace(step, flops=8) for step in trace().steps))
    assert len(formula_sums(flat, cost_formulas(flat))) == 3


def test_many_blocks_are_named_by_the_first_and_counted() -> None:
    steps = [replace(step, flops="H**2") for step in trace().steps]
    many = replace(trace(), steps=tuple(steps))
    said = formula_sums(many, cost_formulas(many))[2]
    assert said.startswith("FLOPs grow with H²: 52·H² FLOPs of embedding, ")
    assert said.endswith(", in embed, the model itself and 29 more blocks.")


def test_a_report_of_formulas_has_blocks_and_operations_and_no_levels() -> None:
    report = cost_report(trace())
    assert [table.title for table in report.tables] == [
        "ToyUNet (tests/toy_unet.py:ToyUNet)",
        "By operation",
    ]
    assert report.record["total"]["flops"].startswith("4*B*H**2*W**2")
    assert report.record["growth"]["from"] == {"H": 16, "W": 16}
    assert report.record["blocks"][0]["kind"] == "ToyUNet"
    with pytest.raises(TraceError, match="By level costs are numbers"):
        cost_report(trace(), sides=["level"])


def test_it_fits_a_terminal_of_80_cells() -> None:
    for table in cost_report(trace()).tables:
        assert table_width(fit(table, 80)) <= 80
