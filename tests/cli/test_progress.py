"""What is said while a model runs again and again: on a terminal only, and never in results."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.user_code import UNET, forgotten, write
from tracer.cli import main
from tracer.cli.stderr import spinner
from tracer.sizing.run_progress import announce_run, listening


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    write(tmp_path, "model.py", UNET)
    with forgotten(tmp_path):
        yield tmp_path


def test_a_terminal_shows_the_number_and_the_sizes_of_the_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with spinner("Running [red]net.py:Net at many sizes"):
        announce_run({"x": (1, 3, 64, 64)}, {})
        announce_run({"x": (1, 3, 65, 64)}, {"ch": 8})
    text = terminal.getvalue()
    assert "Running [red]net.py:Net at many sizes: run 2, x 1×3×65×64, ch 8" in text
    assert text.endswith("Running [red]net.py:Net at many sizes: 2 runs.\n")
    assert capsys.readouterr().out == ""


def test_without_a_run_at_other_sizes_no_number_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with spinner("Running net.py:Net"):
        pass
    assert "runs" not in terminal.getvalue()


def test_each_run_is_announced_once_and_only_inside() -> None:
    runs: list[str] = []
    with listening(runs.append):
        assert main(["sizes", "model.py:UNet", "--input", "x=1x3x8x8"]) == 0
    assert len(runs) > 5
    assert len(runs) == len(set(runs))
    assert all(run.startswith("x ") for run in runs)
    before = len(runs)
    assert main(["sizes", "model.py:UNet", "--input", "x=1x3x8x8"]) == 0
    assert len(runs) == before


def test_a_log_holds_nothing_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sizes", "model.py:UNet", "--input", "x=1x3x8x8"]) == 0
    assert capsys.readouterr().err == ""


def test_what_runs_on_numbers_is_announced() -> None:
    runs: list[str] = []
    with listening(runs.append):
        assert main(["verify", "model.py:UNet", "--input", "x=1x3x8x8"]) == 0
    assert runs == ["the model, x 1×3×8×8", "the graph, x 1×3×8×8"]
