"""tracer/render/tables/size_obstacles.py: the size rules in words, and why they hold."""

from __future__ import annotations

from dataclasses import replace

from tests.render.laws import BATCH, CAUSE, HEIGHT, LAW, WIDTH
from tracer.analysis.size_rules import Cause, Rule, SizeAdaptation, SizeRules
from tracer.analysis.value_origin import ExternalTensor, StepLocation
from tracer.render.formats.plain import to_plain
from tracer.render.formats.terminal import fit, table_width
from tracer.render.tables.size_obstacles import size_rules_table, size_rules_text


def test_sizes_with_one_rule_are_told_together_and_those_without_last() -> None:
    assert size_rules_text(LAW) == "H and W: multiples of 2, at least 2; any B"
    assert size_rules_text(SizeRules("M", {}, (BATCH,))) == "any B"
    other = replace(WIDTH, multiple=1, minimum=4)
    assert size_rules_text(SizeRules("M", {}, (HEIGHT, other))) == (
        "H: multiples of 2, at least 2; W: at least 4"
    )


def test_the_table_begins_with_the_law_and_has_a_row_for_each_obstacle() -> None:
    table = size_rules_table(LAW)
    assert table.title == "ToyUNet (unet.py:ToyUNet)\nH and W: multiples of 2, at least 2; any B"
    (row,) = table.rows
    assert dict(zip([column.title for column in table.columns], row, strict=True)) == {
        "fails at": "H or W = 15",
        "skip": "down.0.block",
        "pushed at": "unet.py:74",
        "shape": "1×8×15×16",
        "joined before": "up.0.block.0",
        "joined at": "unet.py:83",
        "sizes": "15 ≠ 14",
        "rounded in": "down.0.downsample",
        "rounded at": "blocks.py:75",
        "change": "15 → 7",
    }


def test_below_it_says_what_the_sizes_are_and_where_they_were_tried() -> None:
    assert size_rules_table(LAW).summary == (
        "sizes: x B × 3 × H × W, t scalar",
        "tested: B ran at 2 sizes from 1 to 2; H and W ran at 2 sizes from 2 to 16 and failed at "
        "1 other",
    )


def test_a_reason_that_is_no_skip_is_a_sentence() -> None:
    cause = Cause(4, "RuntimeError: Padding size", "pad", StepLocation("mid", "unet.py", 9))
    law = SizeRules("M", {}, (Rule("H", 16, 1, 6, causes=(cause,)),))
    table = size_rules_table(law)
    assert table.rows == ()
    assert table.summary[0] == "H = 4 fails: pad in mid at unet.py:9: RuntimeError: Padding size"


def test_another_path_is_reported_as_that() -> None:
    adaptation = SizeAdaptation("path", 17, "pad instead of conv2d in head")
    rules = tuple(Rule(name, 16, 1, 1, adaptation=adaptation) for name in "HW")
    table = size_rules_table(SizeRules("M", {}, rules, notes=("a note",)))
    assert table.summary[0] == (
        "H or W = 17 works, but takes a different code path: pad instead of conv2d in head."
    )
    assert table.summary[-1] == "note: a note"


def test_rounding_that_nothing_mends_is_reported_as_that() -> None:
    rule = Rule(
        "H", 16, 1, 1, adaptation=SizeAdaptation("rounds", 17, "conv2d in down turns 17 into 9")
    )
    assert size_rules_table(SizeRules("M", {}, (rule,))).summary[0] == (
        "H = 17 works, but is rounded: conv2d in down turns 17 into 9."
    )


def test_two_sizes_that_have_to_be_equal_are_told_together() -> None:
    high, wide = replace(HEIGHT, tied_to="W"), replace(WIDTH, tied_to="H")
    assert size_rules_text(SizeRules("M", {}, (BATCH, high, wide))) == (
        "H and W: equal to each other, multiples of 2, at least 2; any B"
    )
    any_size = (Rule("H", 8, 1, 1, tied_to="W"), Rule("W", 8, 1, 1, tied_to="H"))
    assert size_rules_text(SizeRules("M", {}, any_size)) == "H and W: equal to each other"


def test_a_table_of_the_model_is_told_below_and_an_input_in_a_row() -> None:
    mismatch = CAUSE.mismatch
    assert mismatch is not None
    weight, image = ExternalTensor("weight", "table"), ExternalTensor("input", "x")
    causes = [replace(CAUSE, mismatch=replace(mismatch, source=one)) for one in (weight, image)]
    table, row = (
        size_rules_table(SizeRules("M", {}, (replace(HEIGHT, causes=(one,)),))) for one in causes
    )
    assert table.rows == ()
    assert table.summary[0].endswith("15 ≠ 14, and the size of the weight table is fixed")
    assert "x" in row.rows[0]


def test_without_a_rounding_the_table_has_fewer_columns() -> None:
    mismatch = CAUSE.mismatch
    assert mismatch is not None
    cause = replace(CAUSE, mismatch=replace(mismatch, rounding=None, target=None))
    table = size_rules_table(SizeRules("M", {}, (replace(HEIGHT, causes=(cause,)),)))
    assert [column.title for column in table.columns][-1] == "sizes"
    assert "(the model)" in table.rows[0]


def test_on_a_narrow_terminal_the_blocks_stay() -> None:
    table = fit(size_rules_table(LAW), 80)
    assert table_width(table) <= 80
    titles = [column.title for column in table.columns]
    assert {"fails at", "skip", "joined before", "rounded in"} <= set(titles)


def test_it_is_written_as_plain_text() -> None:
    assert to_plain(size_rules_table(LAW)).startswith(
        "ToyUNet (unet.py:ToyUNet)\nH and W: multiples of 2"
    )
