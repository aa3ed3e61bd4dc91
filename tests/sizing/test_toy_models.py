"""Formulas, rules, explanations and locked rules of toy models, without torch."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sizing import toy_runner as toys
from tests.sizing.toy_runner import ToyError, ToyModel, ToyRun, ToyRunner, axes_of, base_of, works
from tracer.algebra.substitute import at
from tracer.analysis.size_rules import Rule, SizeRules
from tracer.record import Dim, Symbol, Trace, Value
from tracer.sizing.explainer import explain_size
from tracer.sizing.explanation import Explanation
from tracer.sizing.rule_lock import locked_rules
from tracer.sizing.rule_search import find_size_rules
from tracer.sizing.symbolic import symbolic_trace
from tracer.snapshot import SizeRulesSpec

QUICK = settings(derandomize=True, deadline=None, max_examples=40)


def symbolic(runner: ToyRunner, dims: dict[str, Any] | None = None) -> Trace:
    return symbolic_trace(runner, base_of(runner), axes_of(runner, dims))


def rules(runner: ToyRunner, dims: dict[str, Any] | None = None) -> SizeRules:
    return find_size_rules(runner, base_of(runner), axes_of(runner, dims))


def rule(model: ToyModel, name: str = "H", **shapes: Any) -> Rule:
    return rules(ToyRunner(model, **shapes)).rule(name)


def explained(runner: ToyRunner, *others: ToyRunner) -> Explanation:
    run = runner.trace({}, runner.settings, lines=True)
    return explain_size(runner, run, axes_of(runner), [(one, axes_of(one)[0]) for one in others])


def nearest(found: Explanation) -> dict[str, tuple[int | None, int | None]]:
    return {one.name: (one.below, one.above) for one in found.advice}


def made(trace: Trace, op: str) -> list[tuple[Dim, ...]]:
    """The shapes that operations of one name put out."""
    return [value.shape for step in trace.steps if step.op == op for value in step.outputs]


def same(one: Trace, two: Trace) -> bool:
    """Whether two traces have the same shapes and costs."""

    def numbers(trace: Trace) -> list[Any]:
        return [(step.op, step.outputs[0].shape, step.flops) for step in trace.steps]

    return numbers(one) == numbers(two)


# ------------------------------------------------------------------------------------- formulas


def test_halved_sizes_are_quotients_that_hold_for_multiples() -> None:
    trace = symbolic(ToyRunner(toys.halves, x=(2, 3, 16, 24)))
    assert made(trace, "conv2d") == [("B", 4, "H/2", "W/2"), ("B", 4, "H/4", "W/4")]
    assert [step.flops for step in trace.steps][:2] == ["18*H*W", "9*H*W/2"]
    assert trace.symbols == (Symbol("B", 2, 1), Symbol("H", 16, 4), Symbol("W", 24, 4))
    assert trace.notes == ()


def test_tokens_of_an_image_and_a_text_are_a_sum() -> None:
    trace = symbolic(ToyRunner(toys.attends, x=(2, 8, 16, 16), context=(2, 77, 8)))
    assert made(trace, "cat") == [("B", "H*W + 77", 8)]
    assert trace.steps[-1].flops == "8*B*H**2*W**2 + 616*B*H*W"


def test_a_padded_size_is_a_sum_with_a_number() -> None:
    trace = symbolic(ToyRunner(toys.at_least_6, x=(1, 3, 8, 8)))
    assert made(trace, "conv2d") == [("B", 3, "H + 8", "W + 8")]
    assert trace.notes == ()


def test_equal_sizes_have_one_name() -> None:
    trace = symbolic(ToyRunner(toys.square, x=(2, 3, 8, 8)))
    assert made(trace, "mul") == [("B", 3, "H", "H")]
    assert trace.notes == ("W must equal H, so both are called H.",)


def test_a_size_that_cannot_vary_stays_a_number_and_a_note_says_why() -> None:
    trace = symbolic(ToyRunner(toys.only_8, x=(2, 3, 8, 8)))
    assert made(trace, "add") == [("B", 3, 8, 8)]
    assert trace.notes[0] == (
        "H is fixed at 8: at H = 16 the model fails at add in "
        "the model itself (the table has 8x8 positions)."
    )


def test_a_size_that_changes_the_operations_stays_a_number() -> None:
    trace = symbolic(ToyRunner(toys.rows, x=(2, 3, 4, 8)))
    assert trace.outputs[0].shape == ("B", 3, 4, "W")
    assert "at H = 12 the model runs other operations (12 instead of 4)" in trace.notes[0]


def test_formulas_of_a_model_that_pads_hold_on_the_path_without_padding() -> None:
    trace = symbolic(ToyRunner(toys.pads, x=(2, 3, 16, 24)))
    assert [symbol.multiple for symbol in trace.symbols] == [1, 4, 4]


def test_rounding_up_is_a_formula_for_the_sizes_that_are_not_rounded() -> None:
    trace = symbolic(ToyRunner(toys.rounds_up, x=(1, 3, 16, 16)))
    assert made(trace, "conv2d") == [("B", 3, "H/2", "W/2")]
    assert [symbol.multiple for symbol in trace.symbols] == [1, 2, 2]


def test_numbers_that_a_model_is_built_with_are_sizes() -> None:
    trace = symbolic(ToyRunner(toys.channels, x=(1, 3, 8, 8), settings={"ch": 64}))
    assert made(trace, "conv2d") == [("B", "ch", "H", "W"), ("B", "2*ch", "H", "W")]
    assert trace.symbols[-1] == Symbol("ch", 64, 32)
    assert trace.notes == ("Parameters are counted for ch = 64.",)


def test_what_only_values_decide_has_a_name_of_its_own() -> None:
    trace = symbolic(ToyRunner(toys.positive, x=(3, 4), real=True))
    assert trace.outputs[0].shape == ("u1",)
    assert trace.symbols[-1] == Symbol("u1", 15, 0)
    assert trace.notes[-1].startswith("u1 is 15 in this run and has no formula: index in")


def test_the_names_that_work_are_chosen() -> None:
    trace = symbolic(ToyRunner(toys.at_most_6_frames, x=(1, 3, 4, 8, 8)))
    assert trace.outputs[0].shape == ("B", "T", 4, "H", "W")


@pytest.mark.slow
@QUICK
@given(
    levels=st.integers(0, 3),
    rim=st.integers(0, 3),
    tokens=st.integers(0, 9),
    rounding=st.sampled_from(("down", "up")),
    more=st.tuples(st.integers(1, 4), st.integers(-1, 6), st.integers(-1, 6)),
)
def test_formulas_of_any_unet_hold_wherever_their_steps_lead(
    levels: int, rim: int, tokens: int, rounding: str, more: tuple[int, int, int]
) -> None:
    def unet(run: ToyRun, x: Value) -> None:
        batch, _, height, width = map(int, x.shape)
        h = run.op("pad", (batch, 3, height + rim, width + rim), x, flops=batch * height)
        for level in range(levels):
            up = rounding == "up"
            height, width = ((int(size) + up) // 2 for size in h.shape[2:])
            h = run.op("conv2d", (batch, 4 << level, height, width), h, flops=height * width)
        height, width = map(int, h.shape[2:])
        flat = run.op("flatten", (batch, height * width), h)
        run.op("cat", (batch, height * width + tokens), flat, flops=(height * width) ** 2)

    runner = ToyRunner(unet, x=(2, 3, 32, 32))
    trace = symbolic(runner)
    wanted = zip(trace.symbols, more, strict=False)
    sizes = {one.name: one.size + many * one.multiple for one, many in wanted if one.multiple}
    axes = axes_of(runner)[0]
    assert same(at(trace), base_of(runner))
    assert same(at(trace, sizes), runner.trace(axes.shapes(sizes), {}, lines=False).trace)


# ---------------------------------------------------------------------------------------- rules


@pytest.mark.parametrize(
    ("model", "shape"),
    [
        (toys.halves, (2, 3, 16, 16)),
        (toys.rounds_up, (2, 3, 16, 16)),
        (toys.pads, (2, 3, 16, 16)),
        (toys.only_8, (2, 3, 8, 8)),
        (toys.pairs, (4, 3, 8, 8)),
        (toys.at_least_6, (2, 3, 16, 16)),
        (toys.rows, (2, 3, 4, 8)),
    ],
)
def test_the_rules_are_right_about_every_size(model: ToyModel, shape: tuple[int, ...]) -> None:
    runner = ToyRunner(model, x=shape)
    for one in rules(runner).rules:
        for size in range(1, 70):
            assert one.allows(size) == works(runner, **{one.name: size}), (one.name, size)


def test_a_rule_tells_the_multiple_the_minimum_and_each_obstacle() -> None:
    found = rule(toys.halves, x=(2, 3, 16, 16))
    assert (found.multiple, found.minimum, found.maximum) == (4, 4, None)
    assert [(cause.size, cause.op) for cause in found.causes] == [(17, "cat"), (18, "cat")]


def test_a_largest_size_is_found() -> None:
    dims = {"x": ("B", "T", 4, "H", "W")}
    found = rules(ToyRunner(toys.at_most_6_frames, x=(1, 3, 4, 8, 8)), dims).rule("T")
    assert (found.minimum, found.maximum) == (1, 6)


def test_a_largest_size_that_is_given_is_recognized_by_the_smaller_ones() -> None:
    dims = {"x": ("B", "T", 4, "H", "W")}
    for real in (False, True):
        runner = ToyRunner(toys.at_most_6_frames, x=(1, 6, 4, 8, 8), real=real)
        found = rules(runner, dims).rule("T")
        assert (found.minimum, found.maximum) == (1, 6)


def test_sizes_that_have_to_be_equal_are_tied() -> None:
    found = rules(ToyRunner(toys.square, x=(2, 3, 8, 8)))
    assert [(one.name, one.tied_to, one.multiple) for one in found.rules] == [
        ("B", None, 1),
        ("H", "W", 1),
        ("W", "H", 1),
    ]


def test_two_pairs_of_equal_sizes_are_both_found() -> None:
    def two_squares(run: ToyRun, x: Value, y: Value) -> None:
        toys.square(run, x)
        toys.square(run, y)

    dims = {"x": ("B", 3, "H", "W"), "y": ("B", 3, "h", "w")}
    found = rules(ToyRunner(two_squares, x=(2, 3, 8, 8), y=(2, 3, 6, 6)), dims)
    assert {one.name: one.tied_to for one in found.rules} == {
        "B": None, "H": "W", "W": "H", "h": "w", "w": "h",
    }  # fmt: skip


def test_a_path_that_only_some_sizes_take_is_told() -> None:
    found = rule(toys.pads, x=(2, 3, 16, 16)).adaptation
    assert found is not None
    assert (found.kind, found.size) == ("path", 17)
    assert found.description == "pad instead of conv2d in the model itself at toy.py:1"


def test_a_size_that_is_rounded_and_made_up_for_is_told() -> None:
    found = rule(toys.rounds_up, x=(2, 3, 16, 16)).adaptation
    assert found is not None
    assert found.description == (
        "conv2d in the model itself at toy.py:1 turns 17 into 9, and "
        "interpolate in the model itself at toy.py:2 turns 9 into 17 again"
    )


def test_what_fails_only_together_is_noted() -> None:
    found = rules(ToyRunner(toys.small_and_square_fails, x=(2, 1, 4, 4)))
    assert found.notes == ("At B = 1, H = 1, W = 1 together the model fails: ToyError: too little",)


@QUICK
@given(
    multiple=st.sampled_from((1, 2, 3, 4, 5, 6, 7, 8, 16, 32, 64)),
    remainder=st.integers(0, 63),
    lowest=st.integers(0, 5),
    steps=st.integers(0, 5),
)
def test_a_rule_of_equal_distances_is_found_exactly(
    multiple: int, remainder: int, lowest: int, steps: int
) -> None:
    remainder %= multiple
    minimum = remainder + lowest * multiple or multiple

    def model(run: ToyRun, x: Value) -> None:
        size = int(x.shape[2])
        if size % multiple != remainder or size < minimum:
            raise ToyError(f"{size} does not fit")
        run.op("neg", x.shape, x)

    found = rule(model, x=(1, 3, minimum + steps * multiple, 8))
    assert (found.multiple, found.minimum, found.maximum) == (multiple, minimum, None)
    for size in range(1, 5 * multiple + minimum):
        assert found.allows(size) == (size % multiple == remainder and size >= minimum)


# --------------------------------------------------------------------------------- explanations


def test_inputs_that_work_are_said_to_work() -> None:
    found = explained(ToyRunner(toys.halves, x=(1, 3, 16, 16)))
    assert (found.works, found.advice) == (True, ())


def test_a_size_that_fails_is_explained_with_the_nearest_that_work_and_the_padding() -> None:
    found = explained(ToyRunner(toys.halves, x=(1, 3, 18, 31)))
    assert found.cause is not None
    assert (found.cause.op, found.cause.error) == ("cat", "ToyError: 8 is not 9")
    assert nearest(found) == {"H": (16, 20), "W": (28, 32)}
    (padding,) = found.padding
    assert (padding.input, padding.pad) == ("x", (0, 1, 1, 1))
    assert padding.crop == "[..., 1:19, 0:31]"


def test_equal_sizes_are_advised_as_one() -> None:
    assert nearest(explained(ToyRunner(toys.square, x=(1, 3, 5, 9)))) == {"H": (5, 9), "W": (5, 9)}
    assert nearest(explained(ToyRunner(toys.square, x=(1, 3, 8, 6)))) == {"W": (None, 8)}


def test_other_inputs_that_work_show_the_sizes() -> None:
    failing, other = (ToyRunner(toys.pairs, x=(batch, 3, 8, 8)) for batch in (3, 2))
    assert nearest(explained(failing, other)) == {"B": (2, 4)}


def test_a_failure_that_no_size_mends_has_no_advice() -> None:
    def never(run: ToyRun, x: Value) -> None:
        raise ToyError("not today")

    found = explained(ToyRunner(never, x=(1, 3, 8, 8)))
    assert (found.works, found.advice, found.works_at) == (False, (), ())


# --------------------------------------------------------------------------------- locked rules


def lock(runner: ToyRunner, locked: SizeRulesSpec | None = None) -> SizeRulesSpec | None:
    return locked_rules(runner, base_of(runner), locked=locked)


@pytest.mark.parametrize("model", [toys.halves, toys.square, toys.only_8, toys.pads])
def test_locked_rules_that_hold_are_kept_after_fewer_runs(model: ToyModel) -> None:
    runner = ToyRunner(model, x=(2, 3, 8, 8))
    derived = lock(runner)
    assert derived is not None
    again = ToyRunner(model, x=(2, 3, 8, 8))
    assert lock(again, derived) is derived
    distinct = [len({str(run) for run in one.runs}) for one in (runner, again)]
    assert distinct[1] < distinct[0]


@pytest.mark.parametrize(
    ("model", "other"),
    [
        (toys.halves, toys.rounds_up),
        (toys.rounds_up, toys.halves),
        (toys.square, toys.only_8),
        (toys.only_8, toys.square),
        (toys.at_least_6, toys.rounds_up),
        (toys.pairs, toys.rounds_up),
    ],
)
def test_locked_rules_of_another_model_are_noticed(model: ToyModel, other: ToyModel) -> None:
    one, two = (ToyRunner(kind, x=(2, 3, 8, 8)) for kind in (model, other))
    assert lock(one, lock(two)) == lock(one) != lock(two)


def test_a_model_on_real_data_has_no_locked_rules() -> None:
    assert lock(ToyRunner(toys.halves, x=(2, 3, 8, 8), real=True)) is None
