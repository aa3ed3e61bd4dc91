"""tracer/from_torch/runs/model_factory.py: models built again, so that channels are formulas."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import tracer
from tests.user_code import UNET, forgotten, write
from tracer.errors import TraceError
from tracer.from_torch.capture.convert import to_trace
from tracer.from_torch.capture.recording import record
from tracer.from_torch.runs.model_factory import ModelFactory
from tracer.from_torch.runs.model_runner import ModelRunner
from tracer.from_torch.targets.load import load_target
from tracer.record import Symbol, Trace
from tracer.sizing.axis_candidates import propose_axes
from tracer.sizing.symbolic import symbolic_trace
from tracer.target_spec import TargetSpec


def symbolic(request: TargetSpec, *names: str) -> Trace:
    loaded = load_target(request)
    inputs = loaded.candidates[0].inputs
    recording = record(loaded.model, inputs)
    factory = ModelFactory.of_target(request, names)
    runner = ModelRunner.of_recording(recording, inputs, factory)
    candidates = propose_axes(runner.inputs, settings=runner.settings)
    return symbolic_trace(runner, to_trace(recording), candidates)


class Levels(nn.Module):
    """One level, with channels of its own, and one below it."""

    def __init__(self, channels: tuple[int, ...], out: int) -> None:
        super().__init__()
        self.enter = nn.Conv2d(3, channels[0], 3, padding=1)
        self.down = nn.Conv2d(channels[0], channels[1], 3, 2, 1)
        self.up = nn.Conv2d(sum(channels), out, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        skip = self.enter(x)
        low = nn.functional.interpolate(self.down(skip), scale_factor=2.0)
        return self.up(torch.cat([low, skip], dim=1))


class Grows(nn.Module):
    """Twice as many channels as it was made for."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, 2 * channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


@pytest.mark.slow
def test_channels_of_a_preset_are_formulas_of_its_configuration() -> None:
    trace = symbolic(TargetSpec("tiny"), "ch")
    assert trace.blocks["down.0.block.0"].outputs[0].shape == ("B", "ch", "H", "W")
    assert trace.blocks["mid.attn_1"].outputs[0].shape == ("B", "2*ch", "H/4", "W/4")
    assert Symbol("ch", 32, 32) in trace.symbols
    assert trace.notes == ("Parameters are counted for ch = 32.",)


def test_weights_and_costs_follow_as_well() -> None:
    trace = symbolic(TargetSpec("tiny"), "ch")
    step = next(step for step in trace.steps if step.block == "down.0.block.0.conv1")
    assert step.weights[0].shape == ("ch", "ch", 3, 3)
    assert step.flops == "18*B*H*W*ch**2"


def test_arguments_of_a_users_class_are_found_with_their_defaults(tmp_path: Path) -> None:
    file = write(tmp_path, "model.py", UNET)
    with forgotten(tmp_path):
        request = TargetSpec(f"{file}:UNet", {"ch": "6"}, {"x": "1x3x8x8"})
        assert ModelFactory.of_target(request, ["ch", "in_channels"]).values == {
            "ch": 6,
            "in_channels": 3,
        }
        assert symbolic(request, "ch").outputs[0].shape == ("B", 3, "H", "W")


@pytest.mark.slow
def test_a_class_is_varied_by_keywords_from_python() -> None:
    trace = tracer.trace(Levels, torch.empty(1, 3, 8, 8), vary={"channels": (8, 16), "out": 2})
    enter, down, up = (block.outputs[0].shape for block in trace.root.children)
    assert (enter[1], down[1], up[1]) == ("channels_0", "channels_1", "out")
    assert trace.blocks["up"].inputs[0].shape == ("B", "channels_0 + channels_1", "H", "W")
    assert {one.name: one.multiple for one in trace.symbols} == {
        "B": 1, "H": 2, "W": 2, "channels_0": 1, "channels_1": 1, "out": 1,
    }  # fmt: skip


@pytest.mark.slow
def test_numbers_of_a_row_that_are_equal_stay_so() -> None:
    trace = symbolic(TargetSpec("tiny"), "ch_mult")
    for call, size in (("down.1.block.0", "{}/2"), ("down.2.block.0", "{}/4")):
        shape = trace.blocks[call].outputs[0].shape
        assert shape == ("B", "32*ch_mult_1", size.format("H"), size.format("W"))


def test_an_axis_may_be_named_after_a_number_of_the_model() -> None:
    dims = {"x": ("B", "channels", "H", "W")}
    trace = tracer.trace(Grows, torch.empty(1, 3, 8, 8), dims=dims, vary={"channels": 3})
    assert trace.outputs[0].shape == ("B", "2*channels", "H", "W")
    mismatch = {"x": ("B", 3, "out", "W")}
    with pytest.raises(TraceError, match="out is 2, but the axis of the inputs that is named out"):
        tracer.trace(
            Levels, torch.empty(1, 3, 8, 8), dims=mismatch, vary={"channels": (8, 16), "out": 2}
        )


def test_what_is_built_already_cannot_be_varied() -> None:
    with pytest.raises(TraceError, match=r"already an instance\. To vary channels, pass its class"):
        tracer.trace(Grows(3), torch.empty(1, 3, 8, 8), vary={"channels": 3})
    with pytest.raises(TraceError, match="Grows is not a model"):
        tracer.trace(Grows, torch.empty(1, 3, 8, 8))


@pytest.mark.slow
def test_a_number_that_cannot_be_built_with_stays_one() -> None:
    trace = symbolic(TargetSpec("tiny"), "in_channels")
    assert trace.inputs[0].shape == ("B", 3, "H", "W")
    assert any(note.startswith("in_channels is fixed at 3: ") for note in trace.notes)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("cha", 'No argument "cha" has a value to vary. Did you mean "ch"?'),
        ("dropout", "dropout is 0.0: only whole numbers can be varied."),
        ("resamp_with_conv", "resamp_with_conv is True: only whole numbers can be varied."),
    ],
)
def test_what_is_no_whole_number_is_refused(name: str, says: str) -> None:
    with pytest.raises(TraceError, match=r".") as caught:
        ModelFactory.of_target(TargetSpec("tiny"), [name])
    assert str(caught.value) == says
