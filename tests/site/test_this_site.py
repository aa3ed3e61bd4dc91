"""docs/ and mkdocs.yml: this project's own site, in both languages."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.site.built import built_site
from tracer.site.content.site_config import LANGUAGES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
HEADING = re.compile(r"^#+ .*?(?:\{:? ?#(\S+) ?\})?$", re.MULTILINE)
FENCED = re.compile(r"^( *)```.*?^\1```", re.MULTILINE | re.DOTALL)


class Config(yaml.SafeLoader):
    """Reads MkDocs's own tags as the text behind them."""


Config.add_multi_constructor("!", lambda loader, tag, node: node.value)


def config(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load((ROOT / name).read_text(encoding="utf-8"), Config)
    return found


def pages(language: str) -> dict[str, str]:
    """The hand-written pages, without the code in them, by path."""
    folder = DOCS / language
    return {
        path.relative_to(folder).as_posix(): FENCED.sub("", path.read_text(encoding="utf-8"))
        for path in sorted(folder.rglob("*.md"))
        if "generated" not in path.parts
    }


def places(nav: list[Any]) -> list[str]:
    """The pages of a navigation, in order, without its titles."""
    found: list[str] = []
    for entry in nav:
        inside = next(iter(entry.values())) if isinstance(entry, dict) else entry
        found += places(inside) if isinstance(inside, list) else [inside]
    return found


def test_both_languages_have_the_same_pages() -> None:
    english, korean = map(pages, LANGUAGES)
    assert list(english) == list(korean)


def test_both_languages_have_the_same_headings_and_parts() -> None:
    english, korean = map(pages, LANGUAGES)
    for name in english:
        for pattern in (HEADING, re.compile(r'--8<-- "(.*)"')):
            assert pattern.findall(english[name]) == pattern.findall(korean[name]), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_heading_has_its_own_id(language: str) -> None:
    for name, text in pages(language).items():
        ids = HEADING.findall(text)
        assert "" not in ids, name
        assert len(set(ids)) == len(ids), name


def test_the_navigation_is_the_same_and_has_every_page() -> None:
    english, korean = places(config("mkdocs.yml")["nav"]), places(config("mkdocs.ko.yml")["nav"])
    assert english == korean
    assert sorted(["index.md", *english]) == list(pages("en"))  # the site's name leads home


def test_the_korean_search_keeps_every_word() -> None:
    search = config("mkdocs.ko.yml")["plugins"]["search"]
    assert (search["lang"], search["pipeline"]) == ("ko", [])
    separators = config("mkdocs.yml")["plugins"]["search"]["separator"].partition("]+")[0]
    assert "*" not in separators  # the search field needs it: *정규화*


class Text(HTMLParser):
    """The ids of headings, and the shapes, in numbers and in formulas, of a built page."""

    SHAPES = ("ut-shape", "ut-n", "ut-f")

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.headings: list[str] = []
        self.shapes: Counter[str] = Counter()
        self.in_shape = False
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(found.get("id") or "")
        self.in_shape = tag == "span" and found.get("class") in self.SHAPES

    def handle_data(self, data: str) -> None:
        if self.in_shape:
            self.shapes[data] += 1
            self.in_shape = False


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finished site, which was built without a warning and without a dead link."""
    return built_site(tmp_path_factory)


@pytest.mark.slow
def test_built_pages_have_the_same_headings_and_shapes(site: Path) -> None:
    english, korean = (
        {
            path.relative_to(site / name).as_posix(): Text(path)
            for path in (site / name).rglob("*.html")
        }
        for name in LANGUAGES
    )
    assert set(english) == set(korean)
    for name, page in english.items():
        assert page.headings == korean[name].headings, name
        assert page.shapes == korean[name].shapes, name
    assert sum(page.shapes.total() for page in english.values()) > 1000


@pytest.mark.slow
def test_the_root_leads_to_each_language(site: Path) -> None:
    text = (site / "index.html").read_text(encoding="utf-8")
    for language in LANGUAGES:
        assert f'<a href="{language}/index.html" lang="{language}"' in text
        assert (site / language / "index.html").is_file()


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_observed_stack_is_on_its_page(site: Path, language: str) -> None:
    text = (site / language / "stack.html").read_text(encoding="utf-8")
    section = text.partition('id="ddpm-celebahq-256"')[2]
    assert section.count('<th scope="row"') == 18
    assert section.count('href="walk/model.html#L') == 36
    assert {"en": "Last in, first out.", "ko": "후입선출(LIFO) 순서가 지켜집니다."}[
        language
    ] in re.sub(r"<[^>]+>", "", section)
