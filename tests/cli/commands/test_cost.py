"""tracer/cli/costs.py: the command that prints what a forward costs."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.conftest import GOLDEN
from tracer.cli import main
from tracer.render.tables.visible_rows import select_rows
from tracer.store import load

TOY = str(GOLDEN / "toy_unet.json")

Capture = pytest.CaptureFixture[str]


def said(capsys: Capture, *words: str) -> str:
    assert main(["cost", TOY, *words]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def test_blocks_levels_and_operations_are_printed_and_the_sums_last(capsys: Capture) -> None:
    lines = said(capsys).splitlines()
    places = [
        lines.index(title)
        for title in ("ToyUNet (tests/toy_unet.py:ToyUNet)", "By level", "By operation")
    ]
    assert places == sorted(places)
    assert lines[-6].startswith("2,561,152 multiply-adds, or 5,122,304 FLOPs")
    assert lines[-2] == "Not counted, because their cost is not known: add 13, interpolate 1."


@pytest.mark.parametrize(("side", "title"), [("level", "By level"), ("operation", "By operation")])
def test_one_side_is_printed_alone(side: str, title: str, capsys: Capture) -> None:
    out = said(capsys, "--by", side)
    assert out.startswith(f"{title}\n")
    assert out.count("\nBy ") == 0


def test_depth_and_path_are_about_the_blocks(capsys: Capture) -> None:
    rows = said(capsys, "--by", "block", "--depth", "2", "--path", "mid").splitlines()[4:9]
    assert [row.split()[0] for row in rows] == [
        "ToyUNet",
        "mid",
        "mid.block",
        "mid.attn",
        "mid.block@1",
    ]


def test_csv_is_one_table_that_of_the_blocks_if_no_other(capsys: Capture) -> None:
    rows = list(csv.DictReader(io.StringIO(said(capsys, "--format", "csv"))))
    assert len(rows) == len(select_rows(load(TOY)))
    assert rows[0]["FLOPs"] == "5122304"
    rows = list(csv.DictReader(io.StringIO(said(capsys, "--format", "csv", "--by", "operation"))))
    assert rows[0]["operation"] == "conv2d"


def test_csv_of_two_tables_is_an_error(capsys: Capture) -> None:
    words = ["cost", TOY, "--format", "csv", "--by", "block", "--by", "level"]
    assert main(words) == 2
    assert "csv holds one table: give --by once." in capsys.readouterr().err


def test_json_holds_all_of_it(capsys: Capture) -> None:
    found = json.loads(said(capsys, "--format", "json"))
    assert list(found) == [
        "model",
        "target",
        "total",
        "weight_bytes",
        "peak",
        "blocks",
        "levels",
        "operations",
    ]
    assert found["total"]["multiply_adds"] == 2_561_152


def test_the_suffix_of_a_file_says_the_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["cost", TOY, "-o", "cost.json"]) == 0
    assert capsys.readouterr() == ("", "Wrote cost.json.\n")
    assert json.loads((tmp_path / "cost.json").read_text())["model"] == "ToyUNet"


@pytest.mark.parametrize("width", ["60", "80", "120"])
def test_the_tables_fit_a_terminal(
    width: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    out = said(capsys, "--format", "rich")
    assert max(map(len, out.splitlines())) <= int(width)


def test_a_path_that_no_block_fits_is_told(capsys: Capture) -> None:
    assert main(["cost", TOY, "--path", "mide"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith('Error: No block of ToyUNet matches "mide"')
