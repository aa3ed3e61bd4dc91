"""What a reader downloads with a page: at most 500 KB, compressed as servers do."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path

import pytest

from tests.site.built import built_site
from tracer.site.build.check_links import Page
from tracer.site.content.site_config import LANGUAGES

MOST_BYTES = 500_000
SEARCH_FILES = ("search/search_index.json", "assets/javascripts/workers/search.*.min.js")
"""What the search field loads."""


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_site(tmp_path_factory)


@cache
def compressed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes()))


def weight(page: Path, root: Path) -> int:
    """The bytes of a page with its scripts, data, styles, pictures and search."""
    loaded = {(page.parent / address.partition("#")[0]).resolve() for address in Page(page).loads}
    search = {path for pattern in SEARCH_FILES for path in root.glob(pattern)}
    return sum(map(compressed, {page, *loaded, *search}))


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_is_heavy(site: Path, language: str) -> None:
    root = site / language
    weights = {path.relative_to(root): weight(path, root) for path in root.rglob("*.html")}
    assert min(weights.values()) > 100_000  # the theme and the search are counted
    assert {path: size for path, size in weights.items() if size > MOST_BYTES} == {}
