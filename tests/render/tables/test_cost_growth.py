"""tracer/render/tables/cost_growth.py: how costs grow with the sizes."""

from __future__ import annotations

from dataclasses import replace

from tests.render.symbolic_costs import SYMBOLS, symbolic_trace
from tracer.analysis.costs import Costs, SuperlinearFlops, cost, superlinear_flops
from tracer.record import Trace
from tracer.render.formats.table import Table
from tracer.render.tables.cost_growth import growth_table, superlinear_block_table


def found(trace: Trace) -> tuple[SuperlinearFlops, Costs]:
    growth = superlinear_flops(trace)
    assert growth
    return growth, cost(trace)


def by_size(trace: Trace) -> Table:
    growth, costs = found(trace)
    return growth_table(growth, trace, costs)


def test_shares_change_with_the_size() -> None:
    table = by_size(symbolic_trace())
    titles = [column.title for column in table.columns]
    assert titles == ["size", "FLOPs", "% scaled_dot_product_attention", "% conv2d"]
    assert table.rows == (
        ("H = W = 16", "502 K", "52.2", "47.7"),
        ("H = W = 32", "5.15 M", "81.4", "18.6"),
        ("H = W = 64", "70.9 M", "94.6", "5.4"),
        ("H = W = 128", "1.09 G", "98.6", "1.4"),
    )
    assert table.columns[2].bars == (52.2, 81.4, 94.6, 98.6)


def test_the_size_from_which_on_the_baseline_is_exceeded_is_among_them() -> None:
    trace = symbolic_trace()
    flops = {"conv2d": "720*B*H*W"}
    steps = tuple(replace(step, flops=flops.get(step.op, step.flops)) for step in trace.steps)
    sizes = [row[0] for row in by_size(replace(trace, steps=steps)).rows]
    assert sizes == ["H = W = 16", "H = W = 32", "H = W = 50", "H = W = 64", "H = W = 128"]


def test_a_size_that_cannot_vary_stays() -> None:
    fixed = (*SYMBOLS[:2], replace(SYMBOLS[2], multiple=0))
    rows = by_size(replace(symbolic_trace(), symbols=fixed)).rows
    assert [row[0] for row in rows][-1] == "H = 128, W = 16"


def test_a_block_has_its_flops_in_numbers_and_as_a_formula() -> None:
    table = superlinear_block_table(*found(symbolic_trace()))
    assert table.rows == (("mid.attn", "262,144"),)
    assert table.column("FLOPs").formulas == ("4·B·(H·W)²",)
