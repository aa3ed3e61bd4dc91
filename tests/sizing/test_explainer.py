"""tracer/sizing/explainer.py: why inputs fail, the nearest sizes that work, the padding."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import tracer
from tests.from_torch import sized_models
from tests.sizing.toy_runner import ToyError, ToyRun, ToyRunner, axes_of
from tracer.analysis.size_rules import is_join
from tracer.analysis.value_origin import ExternalTensor
from tracer.record import Value
from tracer.sizing.explainer import explain_size
from tracer.sizing.explanation import Explanation


def explained(model: nn.Module, *shapes: tuple[int, ...], **options: Any) -> Explanation:
    return tracer.explain(model, tuple(torch.empty(shape) for shape in shapes), **options)


def nearest(found: Explanation) -> dict[str, tuple[int | None, int | None]]:
    return {one.name: (one.below, one.above) for one in found.advice}


def test_what_works_is_said_to_work() -> None:
    found = explained(sized_models.Halves(), (1, 3, 16, 16))
    assert found.works
    assert (found.cause, found.advice) == (None, ())
    assert found.sizes == {"B": 1, "H": 16, "W": 16}


def test_a_size_that_fails_is_explained_by_its_skip() -> None:
    found = explained(sized_models.Halves(), (1, 3, 18, 16))
    mismatch = found.cause.mismatch if found.cause else None
    assert mismatch is not None
    assert (mismatch.sizes, mismatch.pushed.block, mismatch.target) == ((9, 8), "downs.0", "ups.0")
    assert nearest(found) == {"H": (16, 20)}


def test_only_the_sizes_that_have_to_change_are_advised_about() -> None:
    found = explained(sized_models.Halves(), (1, 3, 18, 31))
    assert nearest(found) == {"H": (16, 20), "W": (28, 32)}
    assert nearest(explained(sized_models.Halves(), (1, 3, 16, 31))) == {"W": (28, 32)}


@pytest.mark.parametrize("shape", [(1, 3, 18, 31), (2, 3, 16, 21), (1, 3, 5, 8)])
def test_the_padding_makes_it_work_and_the_crop_gives_the_size_back(
    shape: tuple[int, ...],
) -> None:
    model = sized_models.Halves()
    (padding,) = explained(model, shape).padding
    padded = F.pad(torch.zeros(shape), padding.pad)
    cropped: Tensor = eval(f"result{padding.crop}", {"result": model(padded)})
    assert padding.input == "x"
    assert cropped.shape[2:] == shape[2:]


def test_a_model_that_is_too_small_is_told_the_least() -> None:
    found = explained(sized_models.Reflects(), (1, 3, 4, 16))
    assert found.cause is not None
    assert (found.cause.op, found.cause.mismatch) == ("pad", None)
    assert nearest(found) == {"H": (None, 6)}


def test_an_odd_batch_is_told_an_even_one() -> None:
    found = explained(sized_models.Pairs(), (3, 3, 8, 8), others=[torch.empty(2, 3, 8, 8)])
    assert nearest(found) == {"B": (2, 4)}


class NormalizedMean(nn.Module):
    """Scales an image by a normalized mean: batch normalization of one number per image."""

    def __init__(self) -> None:
        super().__init__()
        self.halves, self.norm = sized_models.Halves(), nn.BatchNorm2d(3)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.halves(x * self.norm(x.mean((2, 3), keepdim=True)))
        return result


def test_a_batch_that_is_too_small_for_training_is_advised_about() -> None:
    found = explained(NormalizedMean(), (1, 3, 16, 16))
    assert found.cause is not None
    assert found.cause.error.startswith("ValueError: Expected more than 1 value per channel")
    assert nearest(found) == {"B": (None, 2)}
    assert found.advice[0].rule.minimum == 2
    assert found.padding == ()


def test_a_batch_and_another_size_that_both_fail_are_advised_about_together() -> None:
    assert nearest(explained(NormalizedMean(), (1, 3, 16, 18))) == {"B": (None, 2), "W": (16, 20)}
    assert explained(NormalizedMean().eval(), (1, 3, 16, 16)).works


@pytest.mark.parametrize(("given", "pair"), [(1, (None, 3)), (4, (3, 6)), (7, (6, 9))])
def test_a_batch_of_triples_is_found_from_any_batch(
    given: int, pair: tuple[int | None, int]
) -> None:
    def triples(run: ToyRun, x: Value) -> None:
        if int(x.shape[0]) % 3:
            raise ToyError(f"a batch of {x.shape[0]} has no triples", "view", (x,))
        run.op("neg", x.shape, x)

    runner = ToyRunner(triples, x=(given, 3, 8, 8))
    run = runner.trace({}, {}, lines=False)
    assert nearest(explain_size(runner, run, axes_of(runner))) == {"B": pair}


def test_sizes_that_are_nearest_are_told_only_if_they_were_seen_to_work() -> None:
    found = explained(sized_models.Means(), (1, 3, 4, 4))
    assert nearest(found) == {"H": (None, 5), "W": (None, 5)}


@pytest.mark.slow
def test_a_fixed_size_is_found_by_other_inputs_that_work() -> None:
    found = explained(sized_models.Positions(), (1, 3, 11, 8), others=[torch.empty(1, 3, 8, 8)])
    assert nearest(found) == {"H": (8, None)}
    assert nearest(explained(sized_models.Positions(), (1, 3, 11, 5))) == {
        "H": (8, None),
        "W": (1, 8),
    }


def test_a_table_of_the_model_is_no_skip() -> None:
    cause = explained(sized_models.Positions(), (1, 3, 11, 8)).cause
    assert cause is not None
    assert cause.mismatch is not None
    assert cause.mismatch.source == ExternalTensor("input", "x")
    assert cause.mismatch.other_source == ExternalTensor("weight", "table")
    assert not is_join(cause)


def test_inputs_that_do_not_fit_each_other_are_told_those_that_do() -> None:
    found = explained(sized_models.Masked(), (1, 3, 16, 16), (1, 3, 12, 16))
    cause = found.cause
    assert cause is not None
    assert cause.mismatch is not None
    assert cause.mismatch.source == ExternalTensor("input", "x")
    assert cause.mismatch.other_source == ExternalTensor("input", "mask")
    assert [value.shape for value in found.works_at] == [(1, 3, 16, 16), (1, 3, 16, 16)]


def test_what_is_no_matter_of_size_is_told_inputs_that_work() -> None:
    found = explained(sized_models.Halves(), (1, 4, 16, 16), others=[torch.empty(1, 3, 16, 16)])
    assert found.advice == ()
    assert [value.shape for value in found.works_at] == [(1, 3, 16, 16)]


def test_sizes_that_have_to_be_equal_are_told_so() -> None:
    found = explained(sized_models.Square(), (1, 3, 8, 6))
    assert [one.rule.tied_to for one in found.advice] == ["H"]
    assert nearest(found) == {"W": (None, 8)}
    assert [padding.pad for padding in found.padding] == [(1, 1)]
    both = explained(sized_models.Square(), (1, 3, 5, 9))
    assert nearest(both) == {"H": (5, 9), "W": (5, 9)}


def test_what_no_size_mends_has_no_advice() -> None:
    found = explained(sized_models.Halves(), (1, 4, 16, 16))
    assert not found.works
    assert found.cause is not None
    assert found.cause.op == "conv2d"
    assert (found.advice, found.padding) == ((), ())


def test_axes_may_be_named() -> None:
    found = tracer.explain(
        sized_models.Halves(), torch.empty(1, 3, 18, 16), {"x": ("N", 3, "h", "w")}
    )
    assert nearest(found) == {"h": (16, 20)}
    assert found.axes == {"x": ("N", "3", "h", "w")}
