"""tracer/site/content/breakages.py: recorded changes and the texts about them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tracer.errors import SiteError
from tracer.site.content.breakages import read_breakages

TEXTS = """\
- {id: second, title: {en: B, ko: 나}, change: {en: C, ko: 다}, why: {en: W, ko: 왜}}
- {id: first, title: {en: A, ko: 가}, change: {en: C, ko: 다}, why: {en: W, ko: 왜}}
"""
RECORD = [{"id": "first", "diff": "- a"}, {"id": "second", "diff": "", "error": "ValueError: no"}]


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    path = tmp_path / "breaks.yaml"
    path.write_text(TEXTS, encoding="utf-8")
    return path


def test_each_change_has_its_text_in_the_order_of_the_texts(texts: Path) -> None:
    found = read_breakages(texts, json.dumps(RECORD).encode())
    assert [(one.recorded.id, one.text.title.of("ko")) for one in found] == [
        ("second", "나"),
        ("first", "가"),
    ]
    assert found[0].recorded.error == "ValueError: no"


def test_a_change_without_a_text_and_a_text_without_a_change_are_named(texts: Path) -> None:
    record = [*RECORD[:1], {"id": "third", "diff": ""}]
    with pytest.raises(SiteError, match="only the record has second, third"):
        read_breakages(texts, json.dumps(record).encode())
