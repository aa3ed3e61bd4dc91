"""Both builders make the same pages: MkDocs with Material, and Zensical, its successor.

Zensical warned of nothing when it took the parts of another language, so their words are compared.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from difflib import unified_diff
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

from tests.conftest import ROOT
from tests.site.builders import builder_program
from tests.site.built import built_site, copy_of_this_project

CONFIGS = {"en": "mkdocs.yml", "ko": "mkdocs.ko.yml"}
WITHOUT_TEXT = {"script", "style", "svg"}
INLINE = {"a", "abbr", "b", "code", "em", "i", "mark", "small", "span", "strong", "sub", "sup"}
"""What stands inside words: one builder links terms of the glossary, the other does not."""
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


class Article(HTMLParser):
    """The words of the article of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.text = ""
        self.depth = self.hidden = 0
        self.feed(path.read_text(encoding="utf-8"))

    @property
    def words(self) -> list[str]:
        return self.text.split()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.between(tag)
        if tag in VOID:
            return
        skipped = tag in WITHOUT_TEXT or "headerlink" in (dict(attrs).get("class") or "")
        self.hidden += bool(self.hidden or skipped)
        self.depth += bool(self.depth or tag == "article")

    def between(self, tag: str) -> None:
        """Words end at any element that does not stand inside of them."""
        if tag not in INLINE:
            self.text += " "

    def handle_endtag(self, tag: str) -> None:
        self.between(tag)
        if tag in VOID:
            return
        self.hidden = max(0, self.hidden - 1)
        self.depth = max(0, self.depth - 1)

    def handle_data(self, data: str) -> None:
        if self.depth and not self.hidden:
            self.text += data


def test_each_language_has_one_path_of_parts_that_is_not_a_list() -> None:
    """Zensical joins the lists of a configuration with those of the one that it inherits."""
    for language, name in CONFIGS.items():
        text = (ROOT / name).read_text(encoding="utf-8")
        config = yaml.safe_load(text)
        path = config["markdown_extensions"]["pymdownx.snippets"]["base_path"]
        assert path == f"docs/{language}/generated/parts"


def test_the_words_of_an_article_are_read(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        "<p>no<article><h1>A <b>b</b>,<a class=headerlink>#</a></h1><br><svg><text>c</text></svg>d"
        "</article>no",
        encoding="utf-8",
    )
    assert Article(page).words == ["A", "b,", "d"]


@pytest.mark.nightly
@pytest.mark.slow
def test_zensical_builds_the_same_text(tmp_path_factory: pytest.TempPathFactory) -> None:
    site = built_site(tmp_path_factory)
    project = copy_of_this_project(tmp_path_factory.mktemp("zensical"))
    for language in CONFIGS:
        parts = f"docs/{language}/generated"
        shutil.copytree(site.parent / parts, project / parts, dirs_exist_ok=True)
    differences = []
    for language, config in CONFIGS.items():
        words = [builder_program("zensical"), "build", "--strict", "-f", config]
        done = subprocess.run(words, cwd=project, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        pages = [path.relative_to(site / language) for path in (site / language).rglob("*.html")]
        for page in sorted(pages):
            if "generated" not in page.parts:
                built = project / "site" / language / page
                differences += difference(site / language / page, built, f"{language}/{page}")
    assert differences == []


def difference(expected: Path, built: Path, name: str) -> list[str]:
    """The words that differ between two pages, as lines of a diff; at most twenty."""
    if not built.is_file():
        return [f"{name} is missing"]
    lines = unified_diff(Article(expected).words, Article(built).words, name, lineterm="", n=0)
    return [line for line in lines if not re.match(r"---|\+\+\+", line)][:20]
