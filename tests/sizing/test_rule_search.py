"""tracer/sizing/rule_search.py: at which sizes a model works, found and verified by runs."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

import tracer
from reference_model import Config
from tests.conftest import examples
from tests.from_torch import sized_models
from tests.from_torch.configurations import configurations, inputs, least, on_meta
from tests.from_torch.zoo import lines_with
from tracer.analysis.size_rules import Rule, SizeRules

FILE = "tests/from_torch/sized_models.py"


def law_of(model: nn.Module, *shapes: tuple[int, ...], **options: Any) -> SizeRules:
    return tracer.sizes(model, tuple(torch.empty(shape) for shape in shapes), **options)


def height(model: nn.Module, *shapes: tuple[int, ...]) -> Rule:
    return law_of(model, *shapes).rule("H")


def works(model: nn.Module, *shape: int) -> bool:
    """Whether the model runs on real numbers of that shape."""
    try:
        with torch.no_grad():
            model(torch.zeros(shape))
    except (RuntimeError, ValueError):
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        (sized_models.Halves, (2, 3, 16, 16)),
        (sized_models.Pads, (2, 3, 16, 16)),
        (sized_models.Resizes, (2, 3, 16, 16)),
        (sized_models.Valid, (2, 3, 22, 22)),
        (sized_models.Positions, (2, 3, 8, 8)),
        (sized_models.Pairs, (2, 3, 8, 8)),
        (sized_models.Reflects, (2, 3, 16, 16)),
        (sized_models.Rounds, (2, 3, 16, 16)),
        (sized_models.Loops, (2, 3, 4, 8)),
    ],
    ids=lambda item: getattr(item, "__name__", ""),
)
def test_the_law_is_right_about_every_size(kind: type[nn.Module], shape: tuple[int, ...]) -> None:
    model = kind()
    law = law_of(model, shape)
    for axis, name in ((0, "B"), (2, "H"), (3, "W")):
        rule = law.rule(name)
        for size in range(1, 40):
            given_shape = [*shape[:axis], size, *shape[axis + 1 :]]
            assert rule.allows(size) == works(model, *given_shape), (name, size)


def test_a_rule_says_the_multiple_and_the_least() -> None:
    law = law_of(sized_models.Halves(), (2, 3, 16, 16))
    assert [(rule.name, rule.multiple, rule.minimum) for rule in law.rules] == [
        ("B", 1, 1),
        ("H", 4, 4),
        ("W", 4, 4),
    ]
    assert law.inputs == {"x": ("B", "3", "H", "W")}


def test_each_obstacle_is_one_cause_with_its_skip() -> None:
    rule = height(sized_models.Halves(), (2, 3, 16, 16))
    assert [cause.size for cause in rule.causes] == [17, 18]
    first, second = (cause.mismatch for cause in rule.causes)
    assert first is not None
    assert second is not None
    (pushed,), (joined,) = lines_with(FILE, "# push hs"), lines_with(FILE, "# joins")
    (rounded,) = lines_with(FILE, "# rounds")
    assert (first.pushed.line, first.popped.line, first.stack) == (pushed, joined, "hs")
    assert (first.pushed.block, first.target) == ("head", "ups.1")
    assert (second.pushed.block, second.target) == ("downs.0", "ups.0")
    assert first.rounding is not None
    assert (first.rounding.at.block, first.rounding.before, first.rounding.after) == (
        "downs.0",
        17,
        8,
    )
    assert rounded > 0


def test_a_rule_was_tried_at_sizes_that_obey_it_and_at_sizes_that_break_it() -> None:
    rule = height(sized_models.Halves(), (2, 3, 16, 16))
    assert all(trial.worked == rule.allows(trial.size) for trial in rule.trials)
    assert {trial.worked for trial in rule.trials} == {True, False}
    assert max(trial.size for trial in rule.trials) > 100


def test_a_model_that_pads_takes_any_size_and_the_other_path_is_told() -> None:
    rule = height(sized_models.Pads(), (2, 3, 16, 16))
    assert (rule.multiple, rule.minimum, rule.causes) == (1, 1, ())
    assert rule.adaptation is not None
    assert (rule.adaptation.kind, rule.adaptation.description[:28]) == (
        "path",
        "pad instead of conv2d in hea",
    )


def test_a_model_that_resizes_to_the_skip_takes_any_size_and_the_mending_is_told() -> None:
    rule = height(sized_models.Resizes(), (2, 3, 16, 16))
    assert rule.multiple == 1
    assert rule.adaptation is not None
    assert (rule.adaptation.kind, rule.adaptation.size) == ("path", 17)
    assert rule.adaptation.description.startswith("conv2d in down at ")
    assert "turns 17 into 9, and interpolate in the model itself at " in rule.adaptation.description
    assert rule.adaptation.description.endswith("turns 9 into 17 again")


def test_a_model_that_only_rounds_takes_any_size_and_says_where() -> None:
    adaptation = height(sized_models.Means(), (2, 3, 16, 16)).adaptation
    assert adaptation is not None
    assert (adaptation.kind, adaptation.size) == ("rounds", 17)
    assert adaptation.description.endswith("turns 17 into 9")


def test_sizes_that_lose_a_rim_exceed_a_multiple() -> None:
    rule = height(sized_models.Valid(), (2, 3, 22, 22))
    assert (rule.multiple, rule.minimum) == (2, 8)


def test_a_second_remainder_is_found() -> None:
    rule = height(sized_models.Rounds(), (2, 3, 16, 16))
    assert (rule.multiple, rule.also) == (4, (3,))


def test_a_size_that_is_built_in_is_the_only_one() -> None:
    rule = height(sized_models.Positions(), (2, 3, 8, 8))
    assert (rule.multiple, rule.minimum, rule.maximum) == (0, 8, 8)
    assert rule.exceptions == (1,)  # one row of pixels is added to each row of positions
    assert rule.causes[0].op == "add"


def test_an_even_batch_is_a_rule() -> None:
    rule = law_of(sized_models.Pairs(), (4, 3, 8, 8)).rule("B")
    assert (rule.multiple, rule.minimum) == (2, 2)
    assert rule.causes[0].op == "view"


def test_a_batch_whose_unequal_halves_broadcast_is_among_those_that_work() -> None:
    model = sized_models.AddsHalves()
    rule = law_of(model, (4, 3, 8, 8)).rule("B")
    assert (rule.multiple, rule.also, rule.exceptions) == (2, (), (3,))
    for size in range(1, 12):
        assert rule.allows(size) == works(model, size, 3, 8, 8), size


def test_two_sizes_that_have_to_be_equal_are_tied() -> None:
    law = law_of(sized_models.Square(), (2, 3, 8, 8))
    assert [(rule.name, rule.tied_to) for rule in law.rules] == [
        ("B", None),
        ("H", "W"),
        ("W", "H"),
    ]
    assert law.rule("H").multiple == 1


def test_a_largest_size_is_found() -> None:
    rule = law_of(sized_models.Frames(), (1, 3, 4, 8, 8)).rule("T")
    assert (rule.minimum, rule.maximum, rule.multiple) == (1, 6, 1)
    assert rule.causes[0].op == "add"


def test_a_size_given_that_is_the_largest_is_told_from_the_smaller_ones() -> None:
    dims = {"x": ("B", "T", 4, "H", "W")}
    rule = law_of(sized_models.Frames(), (1, 6, 4, 8, 8), dims=dims).rule("T")
    assert (rule.minimum, rule.maximum, rule.multiple) == (1, 6, 1)


def test_the_largest_size_is_told_although_no_larger_one_is_run_on_numbers() -> None:
    dims = {"x": ("B", "T", 4, "H", "W")}
    law = tracer.sizes(
        sized_models.Checked(sized_models.Frames()), torch.zeros(1, 6, 4, 8, 8), dims=dims
    )
    assert law.notes
    assert (law.rule("T").minimum, law.rule("T").maximum) == (1, 6)


def test_the_least_size_has_its_cause() -> None:
    rule = height(sized_models.Reflects(), (1, 3, 16, 16))
    assert rule.minimum == 6
    assert {cause.op for cause in rule.causes} == {"pad"}
    assert all(cause.size < 6 for cause in rule.causes)


def test_the_length_of_a_context_is_named_by_the_user() -> None:
    dims = {"x": ("B", 8, "H", "W"), "context": ("B", "N", 8)}
    law = law_of(sized_models.Context(), (2, 8, 4, 4), (2, 5, 8), dims=dims)
    assert [rule.name for rule in law.rules] == ["B", "H", "W", "N"]
    assert law.rule("N").multiple == 1


def test_what_fails_only_together_is_noted() -> None:
    class Needs(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            if x.numel() < 4:
                raise ValueError("too little")
            return x + 1

    law = law_of(Needs(), (2, 1, 4, 4))
    assert law.rule("H").minimum == 1
    assert law.notes == ("At B = 1, H = 1, W = 1 together the model fails: ValueError: too little",)


def test_a_model_that_fails_at_the_sizes_given_has_no_law() -> None:
    with pytest.raises(RuntimeError, match="Sizes of tensors must match"):
        law_of(sized_models.Halves(), (2, 3, 17, 16))


@pytest.mark.slow
@examples(3)
@given(
    config=configurations(),
    batch=st.integers(1, 4),
    fits=st.tuples(st.integers(1, 15), st.integers(1, 15)),
    beyond=st.tuples(st.integers(0, 3), st.integers(0, 3)),
)
def test_the_law_of_any_configuration_is_right_at_any_sizes(
    config: Config, batch: int, fits: tuple[int, int], beyond: tuple[int, int]
) -> None:
    model, step = on_meta(config), least(config)
    law = tracer.sizes(model, inputs(config, 2, 4 * step, 4 * step))
    assert {(rule.multiple, rule.minimum) for rule in law.rules[1:]} == {(step, step)}
    for extra in ((0, 0), beyond):
        high, wide = (step * many + more for many, more in zip(fits, extra, strict=True))
        legal = high % step == 0 == wide % step
        assert law.allows({"B": batch, "H": high, "W": wide}) == legal
        with nullcontext() if legal else pytest.raises(RuntimeError):
            tracer.trace(model, inputs(config, batch, high, wide))
