"""Why sizes do not fit, told of the tensors that did not fit, and what would."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import tracer
from tests.sizing import size_cases
from tracer.analysis.channel_mismatch import ChannelMismatch
from tracer.analysis.shape_mismatch import ShapeMismatch
from tracer.render.tables.failing_size import failing_size_table
from tracer.sizing.explanation import Explanation


def explained(model: nn.Module, *shapes: tuple[int, ...]) -> Explanation:
    return tracer.explain(model, tuple(torch.empty(shape) for shape in shapes))


def mismatch_in(found: Explanation) -> ShapeMismatch:
    assert found.cause is not None
    assert found.cause.mismatch is not None
    return found.cause.mismatch


def channels_in(found: Explanation) -> ChannelMismatch:
    assert found.cause is not None
    assert found.cause.channels is not None
    return found.cause.channels


def told(found: Explanation) -> str:
    return "\n".join(failing_size_table(found).summary)


def runs(model: nn.Module, *shapes: tuple[int, ...]) -> bool:
    """Whether the model runs on real numbers of these shapes."""
    try:
        with torch.no_grad():
            model(*(torch.zeros(shape) for shape in shapes))
    except RuntimeError:
        return False
    return True


# ------------------------------------------------------------------------------- tied inputs


@pytest.mark.parametrize(
    ("model", "shapes", "fitting"),
    [
        (
            size_cases.Encoded(),
            ((1, 3, 64, 64), (1, 1, 16, 20)),
            {"image": (1, 3, 64, 80), "depth": (1, 1, 16, 16)},
        ),
        (
            size_cases.Conditioned(),
            ((2, 3, 16, 16), (1, 3, 16, 16)),
            {"image": (1, 3, 16, 16), "condition": (2, 3, 16, 16)},
        ),
        (
            size_cases.Conditioned(),
            ((1, 3, 16, 24), (1, 3, 8, 12)),
            {"image": (1, 3, 8, 12), "condition": (1, 3, 16, 24)},
        ),
    ],
)
def test_what_either_of_two_inputs_would_have_to_be_is_told(
    model: nn.Module, shapes: tuple[tuple[int, ...], ...], fitting: dict[str, tuple[int, ...]]
) -> None:
    found = explained(model, *shapes)
    assert {one.name: one.shape for one in found.fitting} == fitting
    first, second = fitting
    assert runs(model, fitting[first], shapes[1])
    assert runs(model, shapes[0], fitting[second])
    assert not runs(model, *shapes)


def test_what_is_no_skip_is_not_called_one() -> None:
    text = told(explained(size_cases.Encoded(), (1, 3, 64, 64), (1, 1, 16, 20)))
    assert "skip" not in text
    assert "It works with depth 1×1×16×16 or image 1×3×64×80." in text


def test_a_model_with_one_input_has_no_other_input_to_change() -> None:
    assert explained(size_cases.Pyramid(), (1, 3, 15, 16)).fitting == ()


# ----------------------------------------------------------------------- the step to blame


@pytest.mark.slow
@pytest.mark.parametrize("kind", [size_cases.Pyramid, size_cases.PooledAttention])
@pytest.mark.parametrize("height", [15, 21, 33])
def test_a_side_branch_is_not_blamed_for_rounding(kind: type[nn.Module], height: int) -> None:
    rounding = mismatch_in(explained(kind(), (1, 3, height, 18))).rounding
    assert rounding is not None
    assert (rounding.at.block, rounding.before) == ("down", height)


# ------------------------------------------------------------------------------- other axes


def test_a_join_along_the_last_axis_has_its_own_name_and_step() -> None:
    found = explained(size_cases.ChannelsLast(), (1, 31, 32, 3))
    mismatch = mismatch_in(found)
    assert (mismatch.axis, mismatch.sizes, mismatch.stack) == (1, (31, 32), "hs")
    assert mismatch.rounding is not None
    assert mismatch.rounding.at.block == "down"
    assert found.axes == {"x": ("B", "H", "W", "3")}
    assert [(one.name, one.below, one.above) for one in found.advice] == [("H", 30, 32)]


def test_a_join_of_tokens_names_the_axis_of_the_tokens() -> None:
    found = explained(size_cases.Tokens(), (2, 7, 8))
    mismatch = mismatch_in(found)
    assert (mismatch.axis, mismatch.sizes) == (1, (7, 6))
    assert mismatch.rounding is not None
    assert mismatch.rounding.at.block == "pool"
    assert [(one.name, one.below, one.above) for one in found.advice] == [("N", 6, 8)]


def test_a_batch_of_two_against_one_is_a_mismatch_of_the_batch() -> None:
    found = explained(size_cases.Conditioned(), (2, 3, 16, 16), (1, 3, 16, 16))
    mismatch = mismatch_in(found)
    assert (mismatch.axis, set(mismatch.sizes)) == (0, {1, 2})
    assert "dimension 0 (B)" in told(found)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "fits", "fails"),
    [
        (size_cases.ChannelsLast(), (1, 32, 32, 3), (1, 31, 32, 3)),
        (size_cases.Tokens(), (2, 8, 8), (2, 7, 8)),
    ],
)
def test_formulas_rules_and_explanations_share_the_names_of_axes(
    model: nn.Module, fits: tuple[int, ...], fails: tuple[int, ...]
) -> None:
    rules = tracer.sizes(model, torch.empty(fits))
    formulas = tracer.trace(model, torch.empty(fits), symbolic=True)
    assert rules.inputs == explained(model, fails).axes
    names = {symbol.name for symbol in formulas.symbols if symbol.multiple}
    assert names == {rule.name for rule in rules.rules if rule.multiple}


# --------------------------------------------------------------------------- wrong channels


def test_a_missing_residual_of_a_control_network_is_told_by_its_channels() -> None:
    found = channels_in(explained(size_cases.Controlled(residuals=1), (1, 3, 16, 16)))
    assert (found.op, found.expected, found.got) == ("group_norm", 32, 24)
    assert [part.channels for part in found.parts] == [16, 8]
    assert tracer.explain(size_cases.Controlled(residuals=2), torch.empty(1, 3, 16, 16)).works


def test_channels_of_tokens_are_told_by_what_was_concatenated() -> None:
    found = explained(size_cases.TokenChannels(), (1, 5, 4))
    mismatch = channels_in(found)
    assert (mismatch.expected, mismatch.got) == (16, 20)
    assert [part.channels for part in mismatch.parts] == [10, 10]
    assert "expected 16 channels, got 20 = 10 + 10, concatenated in the model itself" in told(found)


def test_channels_that_nothing_was_concatenated_for_are_told_with_their_maker() -> None:
    model = nn.Sequential(nn.Conv2d(3, 8, 1), nn.ReLU(), nn.Conv2d(4, 8, 1))
    found = explained(model, (1, 3, 8, 8))
    assert (channels_in(found).expected, channels_in(found).got) == (4, 8)
    assert "expected 4 channels, got 8, which were made in 0" in told(found)
