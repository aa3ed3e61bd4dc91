"""A model that fails in the middle: every command shows what ran, then says what went wrong."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.user_code import UNET, forgotten, write
from tracer.cli import main

FAILS = """
    class Fails(UNet):
        def forward(self, x):
            hs = [self.conv_in(x)]
            hs.append(self.down(hs[-1]))
            return torch.cat([self.up(hs[-1]), self.down(x)], dim=1)

    class FailsAtOnce(UNet):
        def forward(self, x):
            raise KeyError("nothing ran")
    """
WORDS = ["model.py:Fails", "--input", "x=1x3x8x8"]
RAN = ["conv_in", "down", "up", "down@1"]

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "model.py", UNET, FAILS)
    with forgotten(tmp_path):
        yield tmp_path


def failed(capsys: Capture, command: str, *words: str) -> str:
    """What a command printed of the model that fails; it said why, and ended with status 2."""
    assert main([command, *WORDS, *words]) == 2
    out, err = capsys.readouterr()
    assert "raised in block down@1 (Conv2d) at model.py" in err
    assert err.splitlines()[-1].startswith("RuntimeError: Given groups=1")
    return out


@pytest.mark.parametrize("form", ["rich", "plain", "markdown"])
@pytest.mark.parametrize("command", ["show", "cost"])
def test_blocks_are_shown_up_to_there_and_a_note_says_so(
    command: str, form: str, capsys: Capture
) -> None:
    out = failed(capsys, command, "--format", form)
    assert all(call in out for call in RAN)
    assert "conv_out" not in out
    assert "note: the model failed after these operations: RuntimeError" in " ".join(out.split())
    assert command != "show" or "3 of 4 operations" in out


def test_data_is_whole_up_to_there(capsys: Capture) -> None:
    rows = csv.DictReader(io.StringIO(failed(capsys, "show", "--format", "csv")))
    assert [row["block"] for row in rows] == ["Fails", *RAN]
    rows = csv.DictReader(io.StringIO(failed(capsys, "cost", "--format", "csv")))
    assert [row["block"] for row in rows] == ["Fails", *RAN]
    records = json.loads(failed(capsys, "show", "--ops", "--format", "json"))
    assert [record["op"] for record in records] == ["conv2d", "conv2d", "interpolate"]
    assert json.loads(failed(capsys, "cost", "--format", "json"))["total"]["parameters"] > 0


@pytest.mark.parametrize("form", ["rich", "plain", "markdown", "csv", "json"])
def test_the_stack_is_as_it_was_at_that_moment(form: str, capsys: Capture) -> None:
    out = failed(capsys, "stack", "--format", form)
    assert "conv_in" in out
    assert "down" in out


def test_the_picture_ends_there(here: Path, capsys: Capture) -> None:
    source = failed(capsys, "diagram", "--format", "dot")
    assert "n_conv_in -> n_down" in source
    failed(capsys, "diagram", "-o", "partial.svg")
    assert "n_up" in (here / "partial.svg").read_text()
    assert "n_interpolate" in failed(capsys, "diagram", "--block", "up", "--format", "dot")


def test_a_block_that_the_model_never_got_to_is_told_with_the_reason(capsys: Capture) -> None:
    for words in (["show", *WORDS, "--path", "conv_out"], ["diagram", *WORDS, "--block", "out"]):
        assert main([*words, "--format", "dot" if words[0] == "diagram" else "plain"]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert "conv_out" in err or "no block out." in err
        assert "note: the model failed after these operations: RuntimeError" in err


def test_a_model_that_fails_at_once_is_told_without_a_picture(here: Path, capsys: Capture) -> None:
    for command in ("show", "stack", "cost"):
        assert main([command, "model.py:FailsAtOnce", "--input", "x=1x3x8x8"]) == 2
        assert "nothing ran" in capsys.readouterr().err
    words = ["diagram", "model.py:FailsAtOnce", "--input", "x=1x3x8x8", "-o", "none.svg"]
    assert main(words) == 2
    assert "nothing ran" in capsys.readouterr().err
    assert not (here / "none.svg").exists()
