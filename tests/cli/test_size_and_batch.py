"""`--size` and `--batch`: the inputs that are proposed, in short."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import GOLDEN
from tests.user_code import UNET, forgotten, write
from tracer.cli import main

TOY = str(GOLDEN / "toy_unet.json")
OTHERS = """
    from torch import zeros

    class Step(UNet):
        def forward(self, x, t, mask=None):
            return super().forward(x)

    def own():
        return UNet(), {"x": zeros(2, 3, 8, 8)}

    def tokens():
        return nn.Linear(4, 4), {"input": zeros(2, 4)}
    """

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "model.py", UNET, OTHERS)
    with forgotten(tmp_path):
        yield tmp_path


def inputs(capsys: Capture, *words: str) -> list[list[int]]:
    assert main(["trace", *words]) == 0
    return [value["shape"] for value in json.loads(capsys.readouterr().out)["inputs"]]


def test_one_number_is_the_size_in_every_direction(capsys: Capture) -> None:
    assert inputs(capsys, "model.py:UNet", "--size", "32") == [[1, 3, 32, 32]]
    assert inputs(capsys, "model.py:UNet", "--size", "16x32") == [[1, 3, 16, 32]]


def test_a_batch_reaches_every_input_of_which_each_image_has_one(capsys: Capture) -> None:
    words = ("model.py:Step", "--batch", "4", "--size", "16")
    assert inputs(capsys, *words) == [[4, 3, 16, 16], [4]]


def test_inputs_that_come_with_a_model_are_resized(capsys: Capture) -> None:
    assert inputs(capsys, "model.py:own", "--size", "16") == [[2, 3, 16, 16]]
    assert inputs(capsys, "model.py:own", "--batch", "1") == [[1, 3, 8, 8]]
    assert inputs(capsys, "model.py:tokens", "--batch", "3") == [[3, 4]]


def test_the_header_and_the_assumption_say_it(capsys: Capture) -> None:
    assert main(["show", "model.py:UNet", "--size", "32", "--batch", "2"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("UNet (model.py:UNet --size 32 --batch 2)\n")
    assert err == ("Assumed --input x=2x3x32x32:float32 (channels of conv_in; size as asked for)\n")


def test_an_image_without_a_batch_is_one_image(capsys: Capture) -> None:
    assert main(["trace", "model.py:Step", "--input", "x=3x16x16"]) == 2
    out, err = capsys.readouterr()
    assert [value["shape"] for value in json.loads(out)["inputs"]] == [[3, 16, 16], [1]]
    assert (
        "Assumed that x=3x16x16 is one image without a batch axis; with one, it is "
        "--input x=1x3x16x16\n" in err
    )
    assert main(["trace", "model.py:Step", "--input", "x=3x3x16x16"]) == 0
    assert "without a batch" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("model.py:UNet --size 0", "--size 0: a size is a number, or several as 256x512."),
        ("model.py:UNet --size 8x", "--size 8x: a size is a number, or several as 256x512."),
        ("model.py:UNet --size 8x8x8", "--size 8x8x8: the images of this model have 2 sizes."),
        ("model.py:UNet --batch 0", "0 is not in the range 1<=x<=1000000000."),
        (
            "model.py:UNet --input x=1x3x8x8 --size 16",
            "--size 16 changes nothing, because no such input is proposed.",
        ),
        (
            "model.py:UNet --input x=1x3x8x8 --batch 2",
            "--batch 2 changes nothing, because no such input is proposed.",
        ),
        ("model.py:tokens --size 8", "--size 8: no input of this model is an image."),
        (f"{TOY} --size 8", "--size, --batch, --symbolic, --dims, --vary, --train and --eval"),
    ],
)
def test_what_cannot_be_done_is_refused(words: str, problem: str, capsys: Capture) -> None:
    assert main(["show", *words.split()]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert problem in err
