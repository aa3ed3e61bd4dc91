"""A session computes each thing once, whoever asks, and knows the order of the pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

import tracer
from tests.conftest import GOLDEN
from tests.user_code import UNET, forgotten, write
from tracer.errors import TraceError
from tracer.from_torch.capture import recording
from tracer.from_torch.capture.model_call import ModelCall
from tracer.from_torch.capture.tensor_source import TensorSource
from tracer.session import Session

INPUTS = {"x": "1x3x8x8"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    write(tmp_path, "model.py", UNET)
    with forgotten(tmp_path):
        yield tmp_path


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[nn.Module]:
    """The model of each run that is recorded with its blocks, as it happens."""
    seen: list[nn.Module] = []
    record = recording._record

    def counted(
        call: ModelCall, tensor_source: TensorSource, options: recording.Options
    ) -> recording.Recording:
        if options.blocks:
            seen.append(call.model)
        return record(call, tensor_source, options)

    monkeypatch.setattr(recording, "_record", counted)
    return seen


def test_a_file_is_looked_for_in_the_folder(folder: Path) -> None:
    trace = Session.open("model.py:UNet", folder=folder).trace
    assert trace.model == "UNet"
    assert trace.target == f"{folder}/model.py:UNet"


def test_arguments_and_inputs_are_given_as_to_the_command(folder: Path) -> None:
    words = "model.py:UNet --set ch=16 --input x=2x3x8x8 --set bias=false"
    trace = Session.open(words, folder=folder).trace
    assert trace.inputs[0].shape == (2, 3, 8, 8)
    assert trace.blocks["conv_in"].outputs[0].shape == (2, 16, 8, 8)
    assert trace.blocks["conv_in"].parameters == 3 * 16 * 9


def test_or_by_keyword(folder: Path) -> None:
    session = Session.open("model.py:UNet", settings={"ch": "16"}, inputs=INPUTS, folder=folder)
    assert session.trace.blocks["conv_in"].outputs[0].shape == (1, 16, 8, 8)
    assert session.trace.spec.settings == {"ch": "16"}


def test_sizes_are_formulas_if_the_request_says_so(folder: Path) -> None:
    session = Session.open("model.py:UNet --symbolic --set ch=16", folder=folder)
    assert session.trace.blocks["down"].outputs[0].shape == ("B", 16, "H/2", "W/2")
    assert session.partial_trace.blocks["down"].outputs[0].shape == (1, 16, 32, 32)


def test_axes_and_arguments_may_have_names(folder: Path) -> None:
    session = Session.open("model.py:UNet --dims x=N,3,H,W --vary ch", folder=folder)
    assert session.trace.blocks["down"].outputs[0].shape == ("N", "ch", "H/2", "W/2")


def test_the_model_is_at_hand_with_the_inputs_that_it_took(folder: Path) -> None:
    session = Session.open("model.py:UNet", inputs=INPUTS, folder=folder)
    assert type(session.model).__name__ == "UNet"
    assert session.inputs["x"].shape == (1, 3, 8, 8)  # type: ignore[call-overload, index]


MODES = """
import torch
from torch import nn

class Net(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Conv2d(3, 3, 1), nn.Dropout())

def make():
    return Net()

def with_inputs():
    return Net(), torch.ones(1, 3, 8, 8)

training, evaluating = Net(), Net().eval()
"""


@pytest.mark.parametrize("name", ["Net", "make", "with_inputs"])
def test_what_is_built_from_a_name_runs_in_evaluation_unless_training_is_asked_for(
    name: str, folder: Path
) -> None:
    write(folder, "modes.py", MODES)
    target = f"modes.py:{name}"
    given = {"inputs": {"input": "1x3x8x8"}, "folder": folder}
    for session, mode in (
        (Session.open(target, **given), "evaluation"),
        (Session.open(target, mode="training", **given), "training"),
        (Session.open(f"{target} --train", **given), "training"),
        (Session.open(f"{target} --train", mode="evaluation", **given), "evaluation"),
    ):
        assert session.trace.mode == mode
        assert {part.training for part in session.model.modules()} == {mode == "training"}
        assert session.trace.spec.mode == session.spec.mode


def test_a_preset_runs_in_evaluation_unless_training_is_asked_for() -> None:
    assert Session.open("tiny").trace.mode == "evaluation"
    assert Session.open("tiny --train").trace.mode == "training"


def test_a_model_that_is_there_keeps_its_mode(folder: Path) -> None:
    write(folder, "modes_there.py", MODES)
    given = {"inputs": {"input": "1x3x8x8"}, "folder": folder}
    for name, mode in (("training", "training"), ("evaluating", "evaluation")):
        assert Session.open(f"modes_there.py:{name}", **given).trace.mode == mode
    assert Session.of(nn.Identity().eval(), torch.ones(1)).trace.mode == "evaluation"
    assert Session.of(nn.Identity(), torch.ones(1)).trace.mode == "training"


def test_a_mode_that_is_asked_for_does_not_change_a_model_that_is_there(folder: Path) -> None:
    write(folder, "modes_asked.py", MODES)
    given = {"inputs": {"input": "1x3x8x8"}, "folder": folder}
    own = Session.open("modes_asked.py:training", **given)
    other = Session.open("modes_asked.py:training --eval", **given)
    assert other.trace.mode == "evaluation"
    assert all(part.training for part in own.model.modules())
    assert other.model[0].weight is own.model[0].weight  # type: ignore[index]
    assert own.trace.mode == "training"


def test_a_preset_is_named_by_itself() -> None:
    assert Session.open("tiny").trace.target == "tiny"


def test_what_the_model_raises_reaches_the_caller_with_one_note(folder: Path) -> None:
    session = Session.open("model.py:UNet --input x=1x3x9x9", folder=folder)
    for ask in (lambda: session.trace, session.size_rules, session.symbolic, session.snapshot):
        with pytest.raises(RuntimeError, match="Sizes of tensors must match") as error:
            ask()
        (note,) = error.value.__notes__
        assert "Operation: cat(" in note
    assert session.partial_trace.steps
    assert session.failure is not None
    assert session.failure.is_shape_mismatch


def test_a_model_runs_once_for_its_trace_its_snapshot_and_its_failure(
    folder: Path, runs: list[nn.Module]
) -> None:
    session = Session.open("model.py:UNet", inputs=INPUTS, folder=folder)
    assert session.failure is None
    assert session.trace is session.trace
    assert session.snapshot(rules=False).blocks
    assert session.inputs
    assert len(runs) == 1


def test_a_model_that_fails_on_all_proposals_keeps_the_recording_of_the_first(
    folder: Path, runs: list[nn.Module]
) -> None:
    write(
        folder,
        "never.py",
        UNET,
        """
        class Never(UNet):
            def forward(self, x):
                raise ValueError(f"{x.shape[-1]} will not do")
        """,
    )
    session = Session.open("never.py:Never", folder=folder)
    assert session.failure is not None
    assert str(session.failure.error) == "64 will not do"
    assert session.partial_trace.inputs[0].shape[-1] == 64
    assert len(runs) == len(session._loaded.candidates)


def test_formulas_are_found_once_for_the_same_names(folder: Path) -> None:
    session = Session.open("model.py:UNet", inputs=INPUTS, folder=folder)
    assert session.symbolic() is session.symbolic()
    assert session.symbolic({"x": ("N", 3, "H", "W")}) is not session.symbolic()


def test_a_model_in_python_has_everything_that_a_target_has() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 3, 3, padding=1))
    session = Session.of(net, torch.zeros(1, 3, 16, 16))
    assert session.model is net
    assert session.trace.outputs[0].shape == (1, 3, 16, 16)
    assert session.symbolic().outputs[0].shape == ("B", 3, "H", "W")
    assert session.size_rules().allows({"H": 17, "W": 5})
    assert session.explain().works
    assert session.verify().proven
    assert [block.call for block in session.snapshot().blocks] == ["0", "1"]
    graph = session.graph()
    x = torch.randn(1, 3, 16, 16)
    assert torch.equal(graph(x), net(x))


def test_a_saved_trace_is_shown_and_cannot_be_run() -> None:
    session = Session.open(str(GOLDEN / "toy_unet.json"))
    assert session.trace.model == "ToyUNet"
    assert session.failure is None
    assert session.assumed == ()
    with pytest.raises(TraceError, match="holds no model to run"):
        session.size_rules()


def test_settings_are_not_for_a_saved_trace() -> None:
    with pytest.raises(TraceError, match="--vary, --train and --eval apply to"):
        Session.open(str(GOLDEN / "toy_unet.json"), settings={"ch": "8"}).trace  # noqa: B018


@pytest.mark.parametrize(
    ("alias", "name"),
    [("Law", "SizeRules"), ("resize", "at"), ("size_rules", "sizes"), ("skip_stack", "ledger")],
)
def test_an_older_or_plainer_name_means_the_same_object(alias: str, name: str) -> None:
    assert getattr(tracer, alias) is getattr(tracer, name)


def test_the_names_of_the_package_are_its_interface() -> None:
    assert dir(tracer) == sorted(tracer.__all__)
    for name in tracer.__all__:
        assert getattr(tracer, name) is not None
