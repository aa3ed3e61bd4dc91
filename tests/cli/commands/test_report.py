"""tracer/cli/commands/report.py: one page about a model, written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import GOLDEN
from tests.user_code import UNET, forgotten, write
from tracer.cli import main

TOY = str(GOLDEN / "toy_unet.json")

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    with forgotten(tmp_path):
        yield tmp_path


def test_a_model_is_shown_with_its_formulas_and_rules(here: Path, capsys: Capture) -> None:
    write(here, "net.py", UNET)
    words = ["report", "net.py:UNet", "--input", "x=1x3x16x16", "-o", "net.html", "--lang", "ko"]
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert (out, err.splitlines()) == ("", ["Wrote net.html."])
    page = (here / "net.html").read_text(encoding="utf-8")
    assert "B: 제한 없음; H, W: 2의 배수, 2 이상" in page
    assert "Conv2d Bx8xHxW" in " ".join(page.split())


def test_a_saved_trace_is_shown_with_the_sizes_that_it_has(here: Path, capsys: Capture) -> None:
    assert main(["report", TOY, "-o", "toy.html"]) == 0
    page = (here / "toy.html").read_text(encoding="utf-8")
    assert "The sizes at which it runs are not part of this page." in page
    assert "1×8×16×16" in page


def test_without_a_file_the_page_goes_to_standard_output(capsys: Capture) -> None:
    assert main(["report", TOY]) == 0
    assert capsys.readouterr().out.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nothing.py:UNet"], 'File "nothing.py" does not exist'),
        (["tiny", "--lang", "fr"], "Invalid value for '--lang': 'fr' is not one of"),
        (["tiny", "--symbolic"], "report has no --symbolic: its sizes are formulas already"),
        (["net.py:UNet", "--input", "x=1x5x16x16"], "5 channels"),
        (["net.py:UNet", "--input", "x=1x3x16x16", "--dims", "x=B,H"], "x"),
    ],
)
def test_what_cannot_be_shown_is_told_and_nothing_is_written(
    words: list[str], message: str, here: Path, capsys: Capture
) -> None:
    write(here, "net.py", UNET)
    assert main(["report", *words, "-o", "net.html"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in " ".join(err.split())
    assert not (here / "net.html").exists()


def test_a_terminal_is_told_to_give_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert main(["report", TOY]) == 2
    assert "add -o net.html" in capsys.readouterr().err
