"""tracer/from_torch/varied.py: models that are built anew, so that channels are formulas."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.user_code import UNET, forgotten, write
from tracer.errors import TraceError
from tracer.from_torch.capture import record
from tracer.from_torch.convert import to_trace
from tracer.from_torch.load import Request, load_target
from tracer.from_torch.symbolic import Naming, to_symbolic
from tracer.from_torch.varied import Varied
from tracer.record import Symbol, Trace


def symbolic(request: Request, *names: str) -> Trace:
    loaded = load_target(request)
    inputs = loaded.proposals[0].inputs
    recording = record(loaded.model, inputs)
    naming = Naming(varied=Varied(request, names))
    return to_symbolic(recording, inputs, to_trace(recording), naming)


def test_channels_of_a_preset_are_formulas_of_its_configuration() -> None:
    trace = symbolic(Request("tiny"), "ch")
    assert trace.blocks["down.0.block.0"].outputs[0].shape == ("B", "ch", "H", "W")
    assert trace.blocks["mid.attn_1"].outputs[0].shape == ("B", "2*ch", "H/4", "W/4")
    assert Symbol("ch", 32, 32) in trace.symbols
    assert trace.notes == ("Parameters are counted for ch = 32.",)


def test_weights_and_costs_follow_as_well() -> None:
    trace = symbolic(Request("tiny"), "ch")
    step = next(step for step in trace.steps if step.block == "down.0.block.0.conv1")
    assert step.weights[0].shape == ("ch", "ch", 3, 3)
    assert step.flops == "18*B*H*W*ch**2"


def test_arguments_of_a_users_class_are_found_with_their_defaults(tmp_path: Path) -> None:
    file = write(tmp_path, "model.py", UNET)
    with forgotten(tmp_path):
        request = Request(f"{file}:UNet", {"ch": "6"}, {"x": "1x3x8x8"})
        assert Varied(request, ["ch", "in_channels"]).values == {"ch": 6, "in_channels": 3}
        assert symbolic(request, "ch").outputs[0].shape == ("B", 3, "H", "W")


def test_a_number_that_cannot_be_built_with_stays_one() -> None:
    trace = symbolic(Request("tiny"), "in_channels")
    assert trace.inputs[0].shape == ("B", 3, "H", "W")
    assert any(note.startswith("in_channels is 3, and what depends") for note in trace.notes)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("cha", 'No argument "cha" has a value to vary. Did you mean "ch"?'),
        ("ch_mult", "ch_mult is (1, 2, 2): only a whole number can be varied."),
        ("resamp_with_conv", "resamp_with_conv is True: only a whole number can be varied."),
    ],
)
def test_what_is_no_whole_number_is_refused(name: str, says: str) -> None:
    with pytest.raises(TraceError, match=r".") as caught:
        Varied(Request("tiny"), [name])
    assert str(caught.value) == says
