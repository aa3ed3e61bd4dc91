"""What is shown, as it was asked for or as it suits the form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import GOLDEN
from tests.sketch import Sketch, conv
from tracer.cli import main
from tracer.cli.output import Destination, RowOptions
from tracer.render.tables.visible_rows import RowSelection
from tracer.store import save

TOY = str(GOLDEN / "toy_unet.json")
RANGE = "blocks.0–4 × 5"

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def chain(tmp_path: Path) -> str:
    """The file of a trace with five blocks that are alike."""
    run = Sketch()
    h = run.input("x", 1, 8, 4, 4)
    for number in range(5):
        h = run.call(f"blocks.{number}", conv(), h)
    save(run.trace(h), tmp_path / "chain.json")
    return str(tmp_path / "chain.json")


def said(capsys: Capture, *words: str) -> str:
    assert main([*words]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(("form", "folds"), [("rich", True), ("markdown", True), ("plain", False)])
def test_blocks_fold_where_people_read_and_not_where_grep_does(form: str, folds: bool) -> None:
    assert RowOptions().selection(Destination(form)).fold is folds
    assert RowOptions(fold=True).selection(Destination(form)).fold is True
    assert RowOptions(fold=False).selection(Destination(form)).fold is False


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.parametrize("fold", [None, False])
def test_data_never_folds_and_holds_no_row_that_only_leads_to_others(
    form: str, fold: bool | None
) -> None:
    selection = RowOptions(2, ("mid",), fold).selection(Destination(form))
    assert selection == RowSelection(2, ("mid",), context=False)


def test_a_table_folds_and_is_told_not_to(chain: str, capsys: Capture) -> None:
    assert RANGE in said(capsys, "show", chain, "--format", "rich")
    for word in ("--no-fold", "--all"):
        out = said(capsys, "show", chain, "--format", "rich", word)
        assert RANGE not in out
        assert "blocks.4" in out
    assert RANGE not in said(capsys, "show", chain)
    assert RANGE in said(capsys, "show", chain, "--fold")


def test_a_file_folds_as_its_suffix_says(chain: str, tmp_path: Path) -> None:
    for suffix, folds in ((".md", True), (".html", True), (".txt", False), (".csv", False)):
        assert main(["show", chain, "-o", str(tmp_path / f"rows{suffix}")]) == 0
        text = (tmp_path / f"rows{suffix}").read_text(encoding="utf-8")
        assert (RANGE in text) is folds


def test_costs_fold_as_shapes_do(chain: str, capsys: Capture) -> None:
    assert RANGE in said(capsys, "cost", chain, "--by", "block", "--format", "markdown")
    records = json.loads(said(capsys, "cost", chain, "--by", "block", "--format", "json"))
    assert len(records["blocks"]) == 6


def test_a_picture_folds_and_is_told_not_to(chain: str, capsys: Capture) -> None:
    assert "blocks.0-4 (x 5)" in said(capsys, "diagram", chain, "--format", "dot")
    out = said(capsys, "diagram", chain, "--format", "dot", "--all")
    assert "(x 5)" not in out
    assert "n_blocks_4" in out


def test_a_picture_is_of_the_blocks_that_were_asked_for(capsys: Capture) -> None:
    out = said(capsys, "diagram", TOY, "--path", "down", "--format", "dot")
    assert "n_down_0_block " in out
    assert "n_mid_attn" not in out


def test_a_picture_looks_into_blocks_to_some_depth(capsys: Capture) -> None:
    words = ("diagram", TOY, "--block", "mid.attn", "--format", "dot", "--depth")
    shallow, whole = (said(capsys, *words, depth) for depth in ("1", "2"))
    assert "n_mid_attn_qkv" in shallow
    assert "n_mid_attn_qkv" not in whole
    assert "linear" in whole


def test_operations_are_those_of_the_blocks_that_were_asked_for(capsys: Capture) -> None:
    out = said(capsys, "show", TOY, "--ops", "--path", "mid.attn", "--format", "csv")
    blocks = {line.split(",")[2] for line in out.splitlines()[1:]}
    assert blocks == {"mid.attn", "mid.attn.qkv", "mid.attn.proj"}


@pytest.mark.parametrize("command", ["show", "cost", "diagram"])
def test_a_path_that_no_block_fits_ends_with_one_message(command: str, capsys: Capture) -> None:
    words = [command, TOY, "--path", "dwon.*", *(["--format", "dot"] * (command == "diagram"))]
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err == (
        'Error: No block of ToyUNet matches "dwon.*", where * stands for one name of a '
        'path and ** for any number of names. Did you mean "down"?\n'
    )
