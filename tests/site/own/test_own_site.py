"""tracer/site/own/own_site.py: sites of one's own, from what is explored to the finished folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.site.own_toy import toy_explored
from tracer.errors import SiteError
from tracer.render.explorer.document import ExplorerContent
from tracer.site.own.own_config import OwnSettings
from tracer.site.own.own_site import build_own_site, read_own_site, write_sources

BOTH = OwnSettings(("en", "ko"))


def log(message: str) -> None:
    """Nothing reads it."""


def sources(folder: Path, *contents: ExplorerContent) -> Path:
    write_sources(read_own_site(contents, BOTH), folder)
    return folder


def test_a_model_has_a_page_for_each_question_in_each_language(tmp_path: Path) -> None:
    docs = sources(tmp_path, toy_explored()) / "docs"
    for language in ("en", "ko"):
        names = {path.name for path in (docs / language).glob("*.md")}
        assert names == {"index.md", "source.md", "stack.md", "sizes.md", "tables.md"}
    page = (docs / "ko" / "stack.md").read_text(encoding="utf-8")
    assert "# 스킵 스택" in page
    assert '--8<-- "tests-toy-unet-toyunet-stack.html"' in page


def test_parts_are_one_line_and_say_the_most_without_a_script(tmp_path: Path) -> None:
    parts = sources(tmp_path, toy_explored()) / "docs/en/generated/parts"
    expected = {"index": "<svg", "source": "conv_in", "stack": "pushed by", "tables": "parameters"}
    for page, words in expected.items():
        part = (parts / f"tests-toy-unet-toyunet-{page}.html").read_text(encoding="utf-8")
        assert part.count("\n") == 1
        assert words in part.partition('class="still"')[2]


def test_pages_and_configurations_that_are_there_are_kept(tmp_path: Path) -> None:
    sources(tmp_path, toy_explored())
    for name in ("docs/en/index.md", "mkdocs.en.yml"):
        (tmp_path / name).write_text("mine", encoding="utf-8")
    part = tmp_path / "docs/en/generated/parts/tests-toy-unet-toyunet-index.html"
    part.write_text("old", encoding="utf-8")
    sources(tmp_path, toy_explored())
    assert (tmp_path / "docs/en/index.md").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "mkdocs.en.yml").read_text(encoding="utf-8") == "mine"
    assert part.read_text(encoding="utf-8") != "old"


def test_several_models_have_a_list_and_a_page_of_their_differences(tmp_path: Path) -> None:
    docs = sources(tmp_path, toy_explored("a.py:net"), toy_explored("b.py:net")) / "docs/en"
    index = (docs / "index.md").read_text(encoding="utf-8")
    assert "[ToyUNet (a.py:net)](a-net/index.md)" in index
    assert "[ToyUNet (b.py:net)](b-net/index.md)" in index
    assert (docs / "b-net" / "source.md").is_file()
    assert '--8<-- "differences.html"' in (docs / "differences.md").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_site_of_two_models_is_built_in_both_languages(tmp_path: Path) -> None:
    """Strictly: MkDocs warns of nothing, no link is dead, and nothing is loaded from elsewhere."""
    explored = toy_explored("a.py:net"), replace(toy_explored("b.py:net"), rules=None)
    out = tmp_path / "site"
    build_own_site(read_own_site(explored, BOTH), out, None, log)
    assert {path.name for path in out.iterdir()} == {"index.html", "404.html", "en", "ko"}
    for name in ("en/a-net/source.html", "ko/b-net/tables.html", "ko/differences.html"):
        assert "<h1" in (out / name).read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_folder_with_other_files_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(SiteError, match="was not overwritten because it contains other files"):
        build_own_site(read_own_site([toy_explored()], BOTH), tmp_path, None, log)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
