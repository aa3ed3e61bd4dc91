"""The page of the zoo agrees with the record, and the record with the table of specimens.

No package is needed for it, so it runs with all other tests.
"""

from __future__ import annotations

import re
from os.path import relpath
from typing import Any

import pytest

from tests.conftest import GOLDEN, Golden
from tests.zoo.page import KINDS, kind, page, short
from tests.zoo.record import ROOT, Row, rows
from tests.zoo.table import SPECIMENS
from tracer.snapshot.rule_text import parse_rule

DOCS = relpath(ROOT / "docs", GOLDEN)
"""From the folder of golden files, as the pages are compared like these."""


def pinned(package: str) -> str:
    """The version of a package that `make` installs."""
    pins = "".join((ROOT / name).read_text() for name in ("constraints.txt", "constraints-zoo.txt"))
    found = re.search(rf"^{re.escape(package)}==(.+)$", pins, re.MULTILINE)
    assert found, f"{package} is not pinned"
    return found[1]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_is_made_from_the_record(language: str, golden: Golden) -> None:
    golden(f"{DOCS}/{language}/zoo.md", page(rows(), language, pinned("torch")))


def test_every_specimen_is_in_the_record_and_nothing_else() -> None:
    assert sorted(f"{one.package}.{one.name}" for one in rows()) == sorted(SPECIMENS)


def test_the_record_was_made_with_the_versions_that_are_pinned() -> None:
    for one in rows():
        assert one.version == pinned(one.package)


def test_every_model_that_was_run_is_proven() -> None:
    assert {one.proven for one in rows()} == {True, None}


def test_every_kind_of_model_has_a_name_in_korean() -> None:
    purposes = {one.kind.partition(", ")[0] for one in SPECIMENS.values()}
    assert purposes == set(KINDS)
    assert kind("segmentation, 3-D", "ko") == "분할, 3차원"


@pytest.mark.parametrize(
    ("number", "text"), [(803_273_441_280, "803 G"), (13_272_064, "13.3 M"), (999, "999")]
)
def test_flops_are_shortened_to_three_digits(number: int, text: str) -> None:
    assert short(number) == text


def row(**others: Any) -> Row:
    counts = {"parameters": 1, "operations": 2, "blocks": 3, "flops": 4}
    sizes = {"B": "any", "H": "multiples of 8, at least 8", "W": "multiples of 8, at least 8"}
    found = {"skips": {"cat": 1, "add": 2}, "proven": True}
    found |= {"sizes": sizes, "fixed": {}}
    return Row("a_name", "p", "1", "video", "M", **(counts | found | others))


def test_what_was_not_run_on_numbers_is_told_from_what_differs() -> None:
    sizes = "B: any size<br>H, W: multiples of 8, at least 8"
    cells = f"| `M`<br>a name | video | 1 | 2 | 4 | 1 cat + 2 add | {sizes} |"
    for proven, said in ((True, "yes"), (False, "**no**"), (None, "*without numbers*")):
        assert f"{cells} {said} |" in page([row(proven=proven)], "en", "2")


def test_the_law_is_told_in_the_language_of_the_page() -> None:
    assert "| B: 제한 없음<br>H, W: 8의 배수, 8 이상 |" in page([row()], "ko", "2")


def test_every_law_of_the_record_can_be_read_back() -> None:
    assert all(parse_rule(*item) for one in rows() for item in one.sizes.items())


@pytest.mark.parametrize("language", ["en", "ko"])
def test_sizes_without_formulas_are_listed_with_what_did_it(language: str) -> None:
    text = page([row(fixed={"H": "H is fixed at 8: a table is added."})], language, "2")
    assert "{#fixed}" in text
    assert "- p, a name: H is fixed at 8: a table is added." in text.splitlines()
    assert "{#fixed}" not in page([row()], language, "2")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_line_of_a_table_has_as_many_cells(language: str) -> None:
    lines = [line for line in page([row()], language, "2").splitlines() if line.startswith("|")]
    assert [line.count("|") for line in lines] == [9, 9, 9]
