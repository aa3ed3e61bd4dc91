"""tracer/from_torch/samples.py: runs at other sizes, of which only what formulas need is kept."""

from __future__ import annotations

from weakref import ReferenceType, ref

import pytest
import torch
from torch import Tensor, nn

from tests.from_torch.registry import Case, built, filled
from tests.from_torch.sized_models import Checked, Chooses, Halves
from tests.from_torch.zoo import each_case, quiet, traced
from tracer.from_torch.capture.module_calls import uncompiled
from tracer.from_torch.capture.recording import Inputs, named_inputs, no_collection
from tracer.from_torch.runs.axis_names import proposed_axes
from tracer.from_torch.runs.runner import ModelRunner, sample_of

pytestmark = quiet


def runs_of(model: nn.Module, inputs: Inputs) -> ModelRunner:
    return ModelRunner(model, inputs, proposed_axes(named_inputs(uncompiled(model), inputs))[0])


@each_case
def test_a_sample_has_the_operations_and_shapes_of_the_trace(one: Case) -> None:
    model, inputs = built(one.build), filled(one)
    trace, sample = sample_of(traced(one.name)), runs_of(model, inputs).sample({})
    assert sample.worked
    assert (sample.ops, sample.flops) == (trace.ops, trace.flops)
    assert {name: sample.shape(name) for name in trace.shapes} == trace.shapes


def test_a_sample_is_taken_once() -> None:
    class Counts(nn.Module):
        calls = 0

        def forward(self, x: Tensor) -> Tensor:
            Counts.calls += 1
            return x + 1

    runs = runs_of(Counts(), torch.empty(2, 3, 8, 8))
    assert runs.sample({"H": 4}) is runs.sample({"H": 4})
    assert runs.sample({"H": 4, "B": 2}) is runs.sample({"H": 4})
    assert Counts.calls == 1


def test_a_sample_of_a_failure_ends_where_the_model_did() -> None:
    sample = runs_of(Halves(), torch.empty(1, 3, 16, 16)).sample({"H": 18})
    assert not sample.worked
    assert sample.failure is not None
    assert (sample.failure.op, len(sample.ops)) == ("cat", 4)
    deeper = runs_of(nn.Sequential(nn.Flatten(), nn.Linear(48, 2)), torch.empty(1, 3, 4, 4))
    failure = deeper.sample({"H": 5}).failure
    assert failure is not None
    assert (failure.op, failure.block) == ("linear", "1")


def test_a_model_that_decides_by_numbers_is_known_by_its_first_run() -> None:
    runs = runs_of(Chooses(), torch.arange(12.0).view(3, 4) - 5)
    assert not runs.costly
    runs.sample({})
    assert runs.costly
    assert runs.other_numbers().shapes != runs.sample({}).shapes


@pytest.mark.parametrize("fails", [False, True])
def test_a_sample_keeps_no_tensor_alive(fails: bool) -> None:
    made: list[ReferenceType[Tensor]] = []

    class Notes(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            y = x + 1
            made.append(ref(y))
            return y.view(7) if fails else y * 2

    runs = runs_of(Checked(Notes()), torch.zeros(2, 3, 8, 8))
    with no_collection():
        assert runs.sample({}).worked is not fails
        assert made[-1]() is None


@pytest.mark.parametrize("sizes", [{"B": 4}, {"H": 32, "W": 8}])
def test_sizes_are_those_asked_for_and_others_as_given(sizes: dict[str, int]) -> None:
    sample = runs_of(Halves(), torch.empty(2, 3, 16, 16)).sample(sizes)
    known = {"B": 2, "H": 16, "W": 16} | sizes
    assert sample.shape("x") == (known["B"], 3, known["H"], known["W"])
