"""tracer/render/tables/costs.py, cost_columns.py: the tables of costs."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from tests.example import example
from tests.render.symbolic_costs import symbolic_trace
from tests.sketch import Sketch, conv, series
from tracer.analysis.costs import Cost, LevelCost, cost, level_costs
from tracer.analysis.levels import Level
from tracer.record import Trace
from tracer.render.formats.csv_text import to_csv
from tracer.render.formats.table import Table
from tracer.render.tables.block_columns import COUNTED_BEFORE
from tracer.render.tables.costs import block_table, cost_of, level_table, operation_table
from tracer.render.tables.visible_rows import RowSelection, select_rows

COSTS = cost(example())


def rows_of(table: Table) -> dict[str, tuple[str, ...]]:
    return {row[0]: row[1:] for row in table.rows}


def chain(length: int) -> Trace:
    run = Sketch()
    h = run.input("x", 1, 8, 4, 4)
    for number in range(length):
        h = run.call(f"blocks.{number}", series(conv(), conv()), h)
    return run.trace(h)


# ---------------------------------------------------------------------------------------- blocks


def test_a_block_has_its_arithmetic_its_share_and_its_bytes() -> None:
    table = block_table(example(), COSTS)
    titles = [column.title for column in table.columns]
    assert titles == [
        "block",
        "class",
        "parameters",
        "multiply-adds",
        "FLOPs",
        "% FLOPs",
        "bytes written",
        "not counted",
    ]
    assert rows_of(table)["conv_in"] == (
        "Conv2d",
        "224",
        "55.3 K",
        "111 K",
        "2.2",
        "8.0 KiB",
        "",
    )


def test_the_model_has_all_of_it() -> None:
    first = block_table(example(), COSTS).rows[0]
    assert first[:1] + first[4:6] == ("ToyUNet", "5.12 M", "100.0")


def test_a_group_sums_its_blocks() -> None:
    rows = {one.path: cost_of(one, COSTS) for one in select_rows(example())}
    parts = [rows["down.0.block"], rows["down.0.downsample"]]
    assert rows["down.0"].flops == sum(one.flops for one in parts)
    assert rows["down.0"].uncounted == {"add": 2}


def test_what_was_counted_before_is_in_brackets() -> None:
    table = block_table(example(), COSTS)
    assert rows_of(table)["mid.block@1"][1] == "(2,592)"
    assert COUNTED_BEFORE in table.summary


def test_a_folded_row_and_those_below_it_sum_all_that_they_stand_for() -> None:
    trace = chain(3)
    costs = cost(trace)
    whole = {one.path: cost_of(one, costs) for one in select_rows(trace)}
    folded = {one.path: cost_of(one, costs) for one in select_rows(trace, RowSelection(fold=True))}
    run, below = folded["blocks.0–2 × 3"], folded["blocks.0.0–1 × 2"]
    assert run.activation_bytes == sum(whole[f"blocks.{n}"].activation_bytes for n in range(3))
    assert below == run
    assert block_table(trace, costs, RowSelection(fold=True)).summary[-1].startswith("(× n:")


def test_what_costs_something_unknown_is_not_shown_as_free() -> None:
    run = Sketch()
    h = run.call("act", lambda run, x: run.op("silu", x), run.input("x", 1, 8, 4, 4))
    trace = run.trace(run.call("view", lambda run, x: run.op("view", x), h))
    table = block_table(trace, cost(trace))
    rows = rows_of(table)
    assert (rows["act"][3], rows["act"][-1]) == ("?", "1")
    assert (rows["view"][3], rows["view"][-1]) == ("", "")
    assert "(?: no cost is known for any operation in this row)" in table.summary


def test_a_program_reads_whole_numbers() -> None:
    lines = to_csv(block_table(example(), COSTS)).splitlines()
    assert lines[0] == (
        "block,class,parameters,multiply-adds,FLOPs,% FLOPs,bytes written,not counted"
    )
    assert lines[3] == "conv_in,Conv2d,224,55296,110592,2.15903,8192,0"


def test_what_only_leads_to_others_is_told_apart() -> None:
    table = block_table(example(), COSTS, RowSelection(paths=("mid.attn",)))
    assert table.context_rows == {0, 1}


# ---------------------------------------------------------------------------------------- levels


def test_a_level_says_its_resolution_its_scale_and_its_part() -> None:
    table = level_table(level_costs(example()), COSTS)
    assert [row[:4] for row in table.rows] == [
        ("16×16", "1/1", "encoder", "2"),
        ("16×16", "1/1", "decoder", "4"),
        ("8×8", "1/2", "encoder", "1"),
        ("8×8", "1/2", "middle", "3"),
        ("8×8", "1/2", "decoder", "1"),
        ("outside the levels", "", "", ""),
    ]


def test_the_parts_of_several_unets_are_numbered() -> None:
    level = Level((8, 8), (Fraction(1, 2),), unet=2)
    table = level_table([LevelCost(level, "encoder", 1, Cost())], COSTS)
    assert table.rows[0][:3] == ("8×8", "1/2", "encoder 2")


def test_a_level_with_a_scale_for_each_direction_says_both() -> None:
    level = Level((8, 4), (Fraction(1, 2), Fraction(1, 4)))
    one = LevelCost(level, "encoder", 1, Cost())
    assert level_table([one], COSTS).rows[0][:2] == ("8×4", "1/2 × 1/4")


# ------------------------------------------------------------------------------------ operations


def test_an_operation_says_how_often_it_ran_and_at_what_cost() -> None:
    rows = rows_of(operation_table(COSTS))
    assert rows["conv2d"] == ("13", "4.73 M", "92.3", "87.0 KiB", "")
    assert rows["add"] == ("13", "?", "", "76.0 KiB", "13")
    assert rows["getitem"] == ("7", "", "", "", "")


def test_an_operation_of_which_some_were_counted_says_both() -> None:
    attend = Cost(flops=2000, uncounted={"attend": 2}, steps=5)
    table = operation_table(replace(COSTS, operations={"attend": attend}))
    assert rows_of(table)["attend"] == ("5", "2 K", "0.04", "", "2")


# -------------------------------------------------------------------------------------- formulas


def test_each_block_has_a_formula_in_few_characters_and_an_exact_one() -> None:
    table = block_table(symbolic_trace(), cost(symbolic_trace()), RowSelection(1))
    titles = [column.title for column in table.columns]
    assert titles == ["block", "class", "FLOPs", "% FLOPs", "bytes written"]
    rows = rows_of(table)
    assert rows["mid"][1:3] == ("4·B·(H·W)² + 144·B·H·W + 64·B", "59.6")
    assert rows["conv_in"][1:] == ("72·B·H·W", "3.7", "32·B·H·W")
    assert table.columns[2].exact[0].startswith("4*B*H**2*W**2 + ")


def test_blocks_that_are_folded_are_summed_in_formulas_too() -> None:
    costs = cost(symbolic_trace())
    table = block_table(symbolic_trace(), costs, RowSelection(fold=True))
    assert table.columns[2].exact[0] == str(costs.flops)


def test_operations_that_grow_fastest_come_first() -> None:
    table = operation_table(cost(symbolic_trace()))
    assert [row[0] for row in table.rows][:3] == [
        "scaled_dot_product_attention",
        "conv2d",
        "linear",
    ]
    assert table.rows[0][2] == "4·B·(H·W)²"


def test_what_is_not_counted_is_marked_among_formulas() -> None:
    rows = rows_of(operation_table(cost(symbolic_trace())))
    assert rows["interpolate"][1] == "?"
    assert rows["transpose"][1] == ""
    unknown = tuple(replace(step, flops=None) for step in symbolic_trace().steps)
    trace = replace(symbolic_trace(), steps=unknown)
    legend = block_table(trace, cost(trace)).summary
    assert legend == ("(?: no cost is known for any operation in this row)",)
