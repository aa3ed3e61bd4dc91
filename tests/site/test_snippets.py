"""docs/*/tool.md: what the page tells a reader to type does what the page says."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FENCED = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
MODEL = "my_unet.py"


def snippets(language: str) -> list[tuple[str, str]]:
    """The blocks of code of the page, each with its language."""
    found = FENCED.findall((ROOT / "docs" / language / "tool.md").read_text(encoding="utf-8"))
    return [(str(kind), str(code)) for kind, code in found]


def without_comments(code: str) -> str:
    return re.sub(r" *#.*", "", code)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the reader works: the model of the page is there."""
    model = next(code for kind, code in snippets("en") if kind == "python")
    assert "class Small(nn.Module)" in model
    (tmp_path / MODEL).write_text(model)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_both_languages_show_the_same_code() -> None:
    english, korean = (
        [(kind, without_comments(code)) for kind, code in snippets(language)]
        for language in ("en", "ko")
    )
    assert english == korean


def test_the_python_code_runs(folder: Path) -> None:
    blocks = [code for kind, code in snippets("en") if kind == "python"]
    assert len(blocks) > 1
    for code in blocks:
        exec(compile(code, "tool.md", "exec"), {"__name__": "tool"})
    assert (folder / "trace.json").is_file()


@pytest.mark.slow
def test_the_commands_print_what_the_page_shows(folder: Path) -> None:
    shown = [code for kind, code in snippets("en") if kind == "console" and MODEL in code]
    assert len(shown) > 1
    for block in shown:
        command, _, wanted = block.removeprefix("$ ").partition("\n")
        got = run(command, folder)
        assert doctest.OutputChecker().check_output(wanted, got, doctest.ELLIPSIS), got


def run(command: str, folder: Path) -> str:
    """All that a command prints, standard error included."""
    name, *arguments = shlex.split(command)
    assert name == "unet-trace"
    done = subprocess.run(
        [sys.executable, "-m", "tracer.cli", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout
