"""Formulas in place of numbers, on every command that traces."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.user_code import UNET, forgotten, write
from tracer.cli import main
from tracer.store import load

INPUT = ["--input", "x=1x3x8x8"]
MODEL = "model.py:UNet"

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "model.py", UNET)
    with forgotten(tmp_path):
        yield tmp_path


def said(capsys: Capture, *words: str) -> str:
    assert main([words[0], MODEL, *INPUT, *words[1:]]) == 0
    return capsys.readouterr().out


def test_show_tells_shapes_as_formulas_and_for_which_sizes_they_hold(capsys: Capture) -> None:
    out = said(capsys, "show", "--symbolic")
    assert "B × 8 × H/2 × W/2" in out
    assert "the formulas hold for any B, and H and W in steps of 2" in out


def test_operations_are_told_in_formulas(capsys: Capture) -> None:
    assert "B × 16 × H × W" in said(capsys, "show", "--symbolic", "--ops")


def test_names_imply_formulas(capsys: Capture) -> None:
    assert "N × 8 × h × 8" in said(capsys, "show", "--dims", "x=N,3,h,8")


def test_channels_are_formulas_of_what_is_varied(capsys: Capture) -> None:
    out = said(capsys, "show", "--vary", "ch")
    assert "B × ch × H/2 × W/2" in out
    assert "note: Parameters are counted for ch = 8." in out


def test_the_bytes_on_the_stack_are_formulas(capsys: Capture) -> None:
    assert "32·B·H·W" in said(capsys, "stack", "--symbolic")


def test_costs_are_formulas(capsys: Capture) -> None:
    out = said(capsys, "cost", "--symbolic", "--by", "block")
    assert "FLOPs: 1,584·B·H·W; a multiply-add is two." in out


def test_costs_by_level_are_numbers(capsys: Capture) -> None:
    assert main(["cost", MODEL, *INPUT, "--symbolic", "--by", "level"]) == 2
    assert (
        "Costs by level are not available as formulas. Drop --symbolic" in capsys.readouterr().err
    )


def test_a_picture_has_formulas(capsys: Capture) -> None:
    assert main(["diagram", MODEL, *INPUT, "--symbolic", "--format", "dot"]) == 0
    out, err = capsys.readouterr()
    assert "Bx8xH/2xW/2" in out
    assert err.startswith("sizes: B = ")
    assert "the formulas hold for any B, and H and W in steps of 2" in err


def test_a_ledger_says_which_sizes_its_formulas_hold_for(capsys: Capture) -> None:
    assert "the formulas hold for any B, and H and W in steps of 2" in said(
        capsys, "stack", "--symbolic"
    )


def test_a_trace_in_formulas_is_saved_and_shown_again(here: Path, capsys: Capture) -> None:
    assert main(["trace", MODEL, *INPUT, "--symbolic", "-o", "trace.json"]) == 0
    assert [symbol.name for symbol in load(here / "trace.json").symbols] == ["B", "H", "W"]
    for command in (["show"], ["stack"], ["cost", "--by", "block"], ["diagram", "--format", "dot"]):
        capsys.readouterr()
        assert main([command[0], "trace.json", *command[1:]]) == 0
        assert "B" in capsys.readouterr().out


def test_json_holds_formulas_as_texts(capsys: Capture) -> None:
    rows = json.loads(said(capsys, "show", "--symbolic", "--format", "json"))
    assert rows[0]["inputs"][0]["shape"] == ["B", 3, "H", "W"]
