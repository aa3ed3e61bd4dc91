"""A target becomes a model and inputs for it, without data where the model allows that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.user_code import UNET, forgotten, write
from tracer.errors import TraceError
from tracer.from_torch.targets.load import Loaded, load_target
from tracer.session import Session
from tracer.target_spec import TargetSpec


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    with forgotten(tmp_path):
        yield tmp_path


def loaded(folder: Path, end: str, name: str, **settings: str) -> Loaded:
    write(folder, "model.py", UNET, end)
    return load_target(TargetSpec(f"model.py:{name}", settings))


def channels(found: Loaded) -> int:
    return int(found.model.conv_in.out_channels)  # type: ignore[union-attr, arg-type]


def devices(found: Loaded) -> set[str]:
    return {parameter.device.type for parameter in found.model.parameters()}


def test_a_model(here: Path) -> None:
    assert channels(loaded(here, "unet = UNet(16)", "unet")) == 16


def test_a_class_with_settings(here: Path) -> None:
    assert channels(loaded(here, "", "UNet", ch="32")) == 32


def test_a_callable_that_returns_a_model(here: Path) -> None:
    assert channels(loaded(here, "def make(ch=4): return UNet(ch)", "make", ch="12")) == 12


@pytest.mark.parametrize("inputs", ["(torch.ones(1, 3, 8, 8),)", "{'x': torch.ones(1, 3, 8, 8)}"])
def test_a_callable_that_returns_a_model_and_inputs(here: Path, inputs: str) -> None:
    found = loaded(here, f"def make(): return UNet(), {inputs}", "make")
    (proposal,) = found.candidates
    (tensor,) = proposal.inputs.values() if isinstance(proposal.inputs, dict) else proposal.inputs
    assert (tuple(tensor.shape), proposal.assumed) == ((1, 3, 8, 8), ())


def test_a_model_is_built_without_data(here: Path) -> None:
    assert devices(loaded(here, "", "UNet")) == {"meta"}


def test_a_model_that_looks_at_its_numbers_is_built_with_numbers(here: Path) -> None:
    counts = """
        class Counting(UNet):
            def __init__(self):
                super().__init__()
                self.largest = self.conv_in.weight.abs().max().item()
        """
    assert devices(loaded(here, counts, "Counting")) == {"cpu"}


def test_numbers_may_be_asked_for(here: Path) -> None:
    write(here, "model.py", UNET)
    found = load_target(TargetSpec("model.py:UNet"), without_data=False)
    assert devices(found) == {"cpu"}


def test_a_preset_is_called_with_its_keywords_and_what_is_set() -> None:
    found = load_target(TargetSpec("tiny", {"in_channels": "4"}))
    (proposal,) = found.candidates
    assert proposal.inputs["x"].shape == (1, 4, 16, 16)  # type: ignore[index, call-overload]


def test_the_first_size_that_the_model_takes_is_taken(here: Path) -> None:
    picky = """
        class Picky(UNet):
            def forward(self, x):
                if x.shape[-1] < 200:
                    raise ValueError("too small")
                return super().forward(x)
        """
    loaded(here, picky, "Picky")
    session = Session.open("model.py:Picky")
    assert session.trace.inputs[0].shape == (1, 3, 256, 256)
    assert "x=1x3x256x256" in session.assumed[0]


def test_where_no_size_will_do_the_first_one_is_told(here: Path) -> None:
    never = """
        class Never(UNet):
            def forward(self, x):
                raise ValueError(f"{x.shape[-1]} will not do")
        """
    loaded(here, never, "Never")
    failure = Session.open("model.py:Never").failure
    assert failure is not None
    assert str(failure.error) == "64 will not do"


@pytest.mark.parametrize(
    ("end", "name", "what"),
    [
        ("make = 3", "make", "is of type int"),
        ("def make(): return [UNet()]", "make", "an object of type list"),
        ("def make(): return UNet(), 3", "make", "a model with inputs of type int"),
        ("def make(): return UNet(), {}, {}", "make", "an object of type tuple"),
    ],
)
def test_what_is_or_makes_no_model_is_refused(here: Path, end: str, name: str, what: str) -> None:
    with pytest.raises(TraceError, match=what):
        loaded(here, end, name)
