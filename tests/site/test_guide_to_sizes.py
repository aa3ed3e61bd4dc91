"""docs/*/guide/sizes.md: every snippet is run, and does what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.site.guide import ROOT, check_commands, snippets, write_files

PAGE = snippets("en/guide/sizes.md")
HEADING = re.compile(r"^#+ .*\{(#[\w-]+)\}$", re.MULTILINE)


def test_both_languages_show_the_same_code_below_the_same_headings() -> None:
    assert snippets("ko/guide/sizes.md") == PAGE
    english, korean = (
        HEADING.findall((ROOT / "docs" / language / "guide/sizes.md").read_text(encoding="utf-8"))
        for language in ("en", "ko")
    )
    assert english == korean
    assert english[0] == "#top"


def test_each_kind_of_snippet_is_known() -> None:
    assert {kind for kind, _ in PAGE} == {"python", "console"}


@pytest.mark.slow
def test_the_commands_print_what_the_page_shows(tmp_path: Path) -> None:
    write_files(PAGE, tmp_path)
    check_commands(PAGE, tmp_path)
