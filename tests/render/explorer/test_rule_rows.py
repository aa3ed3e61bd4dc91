"""Rules of sizes are written with what stops the model at sizes that break them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.example import FILE, example
from tests.render.laws import CAUSE, CLASH, HEIGHT, LAW
from tracer.analysis.levels.numbered_skips import number_skips
from tracer.analysis.shape_mismatch import Rounding
from tracer.analysis.size_rules import Cause, Rule
from tracer.analysis.skips import skips
from tracer.analysis.value_origin import StepLocation
from tracer.render.explorer.rule_rows import RuleWriter

TRACE = example()
ROUNDING = Rounding("conv2d", StepLocation("mid", FILE, 9), 15, 7)
JOIN = next(number for number, step in enumerate(TRACE.steps) if step.op == "cat")


def row(rule: Rule) -> dict[str, Any]:
    numbered = number_skips(TRACE, skips(TRACE))
    writer = RuleWriter(TRACE, numbered, {"": 0, "mid": 3}, {FILE: 0})
    return writer.rows(replace(LAW, rules=(rule,)))[0]


def obstacle(cause: Cause) -> dict[str, Any]:
    found: dict[str, Any] = row(replace(HEIGHT, causes=(cause,)))["obstacles"][0]
    return found


def test_a_rule_lists_the_remainders_that_work() -> None:
    found = row(Rule("H", given=9, multiple=8, minimum=9, also=(3,), exceptions=(4,)))
    assert (found["remainders"], found["minimum"], found["exceptions"]) == ([1, 3], 9, [4])
    assert (found["tied"], found["partial"], found["obstacles"]) == (None, False, [])


def test_an_obstacle_shows_the_two_operands_as_they_were_joined() -> None:
    found = obstacle(CAUSE)
    assert (found["left"], found["right"], found["axis"]) == ([1, 8, 15, 16], [1, 16, 14, 16], 2)
    assert (found["size"], found["common"], found["op"]) == (15, 1, "cat")
    assert found["text"] == {}


def test_an_obstacle_shows_where_the_sizes_came_to_differ() -> None:
    cause = replace(CAUSE, mismatch=replace(CLASH, rounding=ROUNDING))
    expected = {"block": 3, "before": 15, "after": 7, "grown_in": -1, "grown": 14}
    assert obstacle(cause)["rounding"] == expected
    assert obstacle(replace(CAUSE, mismatch=replace(CLASH, rounding=None)))["rounding"] is None


def test_operands_stand_in_the_order_of_the_code() -> None:
    found = obstacle(replace(CAUSE, steps=JOIN))
    link = next(link for link in skips(TRACE) if link.popped == JOIN)
    assert link.operands[0] == link.joined
    assert (found["left"], found["right"]) == ([1, 16, 14, 16], [1, 8, 15, 16])


def test_a_skip_that_was_padded_has_the_size_that_it_was_joined_with() -> None:
    mismatch = CAUSE.mismatch
    assert mismatch is not None
    padded = replace(CAUSE, mismatch=replace(mismatch, sizes=(16, 14)))
    assert obstacle(padded)["left"] == [1, 8, 16, 16]


def test_the_skip_is_that_of_the_operation_that_failed() -> None:
    found = obstacle(replace(CAUSE, steps=JOIN))
    number = next(n for n, link in enumerate(skips(TRACE)) if link.popped == JOIN)
    assert number_skips(TRACE, skips(TRACE))[found["skip"]].link == skips(TRACE)[number]
    assert found["step"] == JOIN


def test_another_operation_at_the_same_place_is_no_skip() -> None:
    found = obstacle(replace(CAUSE, steps=JOIN + 1))
    assert (found["skip"], found["step"]) == (-1, -1)


def test_a_failure_in_the_model_s_own_code_has_its_message_in_each_language() -> None:
    at = StepLocation("mid", FILE, 9)
    found = obstacle(Cause(15, "ValueError: odd", None, at))
    assert (found["block"], found["file"], found["line"], found["op"]) == (3, 0, 9, "")
    assert (found["left"], found["right"], found["axis"]) == ([], [], -1)
    assert found["text"] == {
        "en": f"The model's own code in mid at {FILE}:9 raised:\nValueError: odd",
        "ko": f"mid: 모델 코드 ({FILE}:9)에서 오류가 났습니다.\nValueError: odd",
    }
