"""tracer/from_torch/runs/model_runner.py: runs of a model at other shapes of its inputs."""

from __future__ import annotations

from typing import Any
from weakref import ReferenceType, ref

import pytest
import torch
from torch import Tensor, nn

from tests.from_torch.registry import Case, built, filled
from tests.from_torch.sized_models import Checked, Chooses, Halves
from tests.from_torch.zoo import each_case, quiet, traced
from tracer.from_torch.runs.model_runner import ModelRunner
from tracer.gc_pause import gc_paused
from tracer.record import Value
from tracer.sizing.axis_candidates import propose_axes
from tracer.sizing.runner import Sample, sample_of

pytestmark = quiet


def sample_at(runner: ModelRunner, **sizes: int) -> Sample:
    """A run at sizes by the usual names of the axes."""
    return runner.run(propose_axes(runner.inputs)[0].shapes(sizes), {})


@pytest.mark.slow
@each_case
def test_a_sample_has_the_operations_and_shapes_of_the_trace(one: Case) -> None:
    model, inputs = built(one.build), filled(one)
    trace, sample = sample_of(traced(one.name)), sample_at(ModelRunner(model, inputs))
    assert sample.worked
    assert (sample.ops, sample.flops) == (trace.ops, trace.flops)
    assert {name: sample.shape(name) for name in trace.shapes} == trace.shapes


def test_a_sample_is_taken_once() -> None:
    class Counts(nn.Module):
        calls = 0

        def forward(self, x: Tensor) -> Tensor:
            Counts.calls += 1
            return x + 1

    runner = ModelRunner(Counts(), torch.empty(2, 3, 8, 8))
    assert sample_at(runner, H=4) is sample_at(runner, H=4)
    assert sample_at(runner, H=4, B=2) is runner.run({"x": (2, 3, 4, 8)}, {})
    assert Counts.calls == 1


def test_a_sample_of_a_failure_ends_where_the_model_did() -> None:
    sample = sample_at(ModelRunner(Halves(), torch.empty(1, 3, 16, 16)), H=18)
    assert not sample.worked
    assert sample.failure is not None
    assert (sample.failure.op, len(sample.ops)) == ("cat", 4)
    deeper = ModelRunner(nn.Sequential(nn.Flatten(), nn.Linear(48, 2)), torch.empty(1, 3, 4, 4))
    failure = sample_at(deeper, H=5).failure
    assert failure is not None
    assert (failure.op, failure.block) == ("linear", "1")


def test_a_model_that_decides_by_numbers_is_known_by_its_first_run() -> None:
    runner = ModelRunner(Chooses(), torch.arange(12.0).view(3, 4) - 5)
    assert not runner.uses_real_data
    first = sample_at(runner)
    assert runner.uses_real_data
    assert runner.run_reseeded().shapes != first.shapes


@pytest.mark.parametrize("fails", [False, True])
def test_a_sample_keeps_no_tensor_alive(fails: bool) -> None:
    made: list[ReferenceType[Tensor]] = []

    class Notes(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            y = x + 1
            made.append(ref(y))
            return y.view(7) if fails else y * 2

    runner = ModelRunner(Checked(Notes()), torch.zeros(2, 3, 8, 8))
    with gc_paused():
        assert sample_at(runner).worked is not fails
        assert made[-1]() is None


@pytest.mark.parametrize("sizes", [{"B": 4}, {"H": 32, "W": 8}])
def test_sizes_are_those_asked_for_and_others_as_given(sizes: dict[str, int]) -> None:
    sample = sample_at(ModelRunner(Halves(), torch.empty(2, 3, 16, 16)), **sizes)
    known = {"B": 2, "H": 16, "W": 16} | sizes
    assert sample.shape("x") == (known["B"], 3, known["H"], known["W"])


def test_the_inputs_are_values_by_the_names_of_the_arguments() -> None:
    inputs = {
        "x": torch.empty(2, 3),
        "more": {"t": torch.zeros(2, dtype=torch.int64), "flag": True},
    }
    runner = ModelRunner(nn.Identity(), inputs)
    assert runner.inputs == {
        "x": (Value("x", (2, 3), "float32"),),
        "more": (Value("more.0", (2,), "int64"),),
    }


def test_tensors_inside_other_inputs_are_resized_and_the_rest_stays() -> None:
    class Takes(nn.Module):
        def forward(self, x: Tensor, more: dict[str, Any]) -> Tensor:
            assert more["flag"] is True
            return x + more["t"][:, None]

    inputs = {"x": torch.empty(2, 3), "more": {"t": torch.zeros(2), "flag": True}}
    sample = ModelRunner(Takes(), inputs).run({"x": (5, 3), "more.0": (5,)}, {})
    assert sample.worked
    assert sample.shape("x") == (5, 3)


def test_a_tensor_that_is_given_twice_is_one_input() -> None:
    x = torch.empty(2, 3)
    runner = ModelRunner(Adds(), (x, x))
    assert [one.name for tensors in runner.inputs.values() for one in tensors] == ["x", "x"]
    assert runner.run({"x": (4, 3)}, {}).worked


class Adds(nn.Module):
    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return x + y
