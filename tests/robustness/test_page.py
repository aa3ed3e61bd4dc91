"""The page "How it is tested" agrees with docs/robustness/*.json, and has words for each number."""

from __future__ import annotations

from os.path import relpath

import pytest

from tests.conftest import GOLDEN, ROOT, Golden
from tests.robustness.page import figures_in, page
from tests.robustness.words import LANGUAGES, PARTS, WITHOUT_ROWS
from tests.versions import PYTHONS, oldest_torch

FOLDER = ROOT / "docs/robustness"
FIGURES = figures_in(FOLDER)

DOCS = relpath(ROOT / "docs", GOLDEN)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_made_from_the_figures(language: str, golden: Golden) -> None:
    golden(f"{DOCS}/{language}/robustness.md", page(FIGURES, language))


def test_every_file_of_figures_is_a_part_of_the_page() -> None:
    assert set(FIGURES) <= {part.name for part in PARTS}


def test_every_number_has_words_in_both_languages() -> None:
    """Add a row to tests/robustness/words.py for each id that is missing."""
    rows = {part.name: set(part.rows) for part in PARTS if part.name not in WITHOUT_ROWS}
    without = {
        f"{name}: {found}"
        for name, known in rows.items()
        for found in set(FIGURES.get(name, ())) - known
    }
    assert without == set()
    assert all(len(set(row)) == len(LANGUAGES) for part in PARTS for row in part.rows.values())


def test_the_versions_that_were_tried_are_those_that_are_claimed() -> None:
    pairs = {tuple(name.split("/")[:2]) for name in FIGURES.get("versions", ())}
    assert {python for python, _ in pairs} <= set(PYTHONS)
    assert {torch for _, torch in pairs} <= {oldest_torch(), "newest"}


def test_no_test_fails_with_a_version_that_was_tried() -> None:
    failed = {name: count for name, count in FIGURES["versions"].items() if "/failed" in name}
    assert {name: count for name, count in failed.items() if count} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_without_words_is_shown_by_its_id(language: str) -> None:
    assert "| `new_faults` | 1,234 |" in page({"faults": {"new_faults": 1234}}, language)


def test_a_part_without_figures_is_left_out() -> None:
    assert "{#names}" not in page({"faults": {"write_kill": 1}}, "en")


def test_each_pair_of_versions_says_how_it_ended() -> None:
    figures = {
        "3.11/2.7.0/passed": 3000,
        "3.11/2.7.0/failed": 0,
        "3.11/newest/passed": 2990,
        "3.11/newest/failed": 10,
        "3.11/newest/torch": "2.9.1",
        "3.14/2.7.0/unavailable": 1,
    }
    lines = page({"versions": figures}, "en").splitlines()
    assert lines[-4:] == [
        "| Python | PyTorch 2.7.0 | PyTorch newest |",
        "| --- | --- | --- |",
        "| 3.11 | 3,000 passed | 2.9.1: 2,990 passed, **10 failed** |",
        "| 3.14 | not available | not tried yet |",
    ]
