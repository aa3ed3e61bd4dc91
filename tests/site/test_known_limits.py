"""docs/*/limits.md: every model is run, and the tool says of it what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.site.guide import ROOT, check_commands, snippets, write_files

PAGE = snippets("en/limits.md")
HEADING = re.compile(r"^#+ .*\{(#[\w-]+)\}$", re.MULTILINE)


def test_both_languages_show_the_same_models_below_the_same_headings() -> None:
    assert snippets("ko/limits.md") == PAGE
    english, korean = (
        HEADING.findall((ROOT / "docs" / language / "limits.md").read_text(encoding="utf-8"))
        for language in ("en", "ko")
    )
    assert english == korean
    assert english[0] == "#top"


def test_each_limit_has_a_model_and_shows_what_the_tool_says() -> None:
    assert [kind for kind, _ in PAGE] == ["python", "console"] * (len(PAGE) // 2)


@pytest.mark.slow
def test_the_tool_says_of_each_model_what_the_page_shows(tmp_path: Path) -> None:
    write_files(PAGE, tmp_path)
    check_commands(PAGE, tmp_path)
