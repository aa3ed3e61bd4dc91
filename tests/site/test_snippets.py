"""docs/*/tool.md: what the page tells a reader to type does what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.site.guide import check_commands, snippets, write_files

ENGLISH, KOREAN = snippets("en/tool.md"), snippets("ko/tool.md")
MODEL = "my_unet.py"


def without_comments(code: str) -> str:
    return re.sub(r" *#.*", "", code)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the reader works: the model of the page is there."""
    write_files([], tmp_path)
    assert "class Small(nn.Module)" in (tmp_path / MODEL).read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_both_languages_show_the_same_code() -> None:
    english, korean = (
        [(kind, without_comments(code)) for kind, code in page] for page in (ENGLISH, KOREAN)
    )
    assert english == korean


def test_the_python_code_runs(folder: Path) -> None:
    blocks = [code for kind, code in ENGLISH if kind == "python"]
    assert len(blocks) > 1
    for code in blocks:
        exec(compile(code, "tool.md", "exec"), {"__name__": "tool"})
    assert (folder / "trace.json").is_file()


@pytest.mark.slow
def test_the_commands_print_what_the_page_shows(folder: Path) -> None:
    shown = [(kind, code) for kind, code in ENGLISH if kind == "console" and MODEL in code]
    assert len(shown) > 1
    check_commands(shown, folder)
