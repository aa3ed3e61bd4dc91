"""A trace of what the words of a command name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.user_code import UNET, forgotten, write
from tracer.errors import TraceError
from tracer.session import traced


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    write(tmp_path, "model.py", UNET)
    with forgotten(tmp_path):
        yield tmp_path


def test_a_file_is_looked_for_in_the_folder(folder: Path) -> None:
    trace = traced("model.py:UNet", folder).trace
    assert (trace.model, trace.target) == ("UNet", "model.py:UNet")


def test_arguments_and_inputs_are_given_as_to_the_command(folder: Path) -> None:
    words = "model.py:UNet --set ch=16 --input x=2x3x8x8 --set 'bias=false'"
    trace = traced(words, folder).trace
    assert trace.inputs[0].shape == (2, 3, 8, 8)
    assert trace.blocks["conv_in"].outputs[0].shape == (2, 16, 8, 8)
    assert trace.blocks["conv_in"].parameters == 3 * 16 * 9


def test_sizes_may_be_formulas(folder: Path) -> None:
    trace = traced("model.py:UNet --symbolic --set ch=16", folder).trace
    assert trace.blocks["down"].outputs[0].shape == ("B", 16, "H/2", "W/2")


def test_axes_and_arguments_may_have_names(folder: Path) -> None:
    found = traced("model.py:UNet --dims x=N,3,H,W --vary ch", folder)
    assert found.trace.blocks["down"].outputs[0].shape == ("N", "ch", "H/2", "W/2")
    assert found.dims == {"x": ("N", "3", "H", "W")}


def test_the_model_is_at_hand_with_the_inputs_that_it_took(folder: Path) -> None:
    found = traced("model.py:UNet --input=x=2x3x8x8", folder)
    assert type(found.model).__name__ == "UNet"
    assert found.inputs["x"].shape == (2, 3, 8, 8)


def test_a_preset_is_named_by_itself() -> None:
    assert traced("tiny").trace.target == "tiny"


@pytest.mark.parametrize(
    "words", ["tiny --depth 2", "tiny --set", "tiny --set ch", "tiny ch=64", "tiny --symbolic=x"]
)
def test_other_words_are_refused(words: str) -> None:
    with pytest.raises(TraceError, match="behind a target stand --set NAME=VALUE, --input"):
        traced(words)


def test_what_the_model_raises_reaches_the_test_with_a_note(folder: Path) -> None:
    with pytest.raises(RuntimeError, match="Sizes of tensors must match") as error:
        traced("model.py:UNet --input x=1x3x9x9", folder)
    assert "The operation was cat of" in error.value.__notes__[0]
