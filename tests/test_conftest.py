"""The golden fixture itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import conftest


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setattr(conftest, "ROOT", tmp_path)
    return tmp_path / "case.txt"


def test_the_same_text_makes_no_difference(file: Path) -> None:
    file.write_text("a\nb\n", encoding="utf-8")
    assert conftest.difference(file, "a\nb\n") == ""


def test_another_text_is_shown_with_what_to_do(file: Path) -> None:
    file.write_text("a\nb\n", encoding="utf-8")
    trouble = conftest.difference(file, "a\nc\n")
    assert trouble.startswith("case.txt is another text.")
    assert "-b\n+c" in trouble
    assert "`pytest --update-golden`" in trouble


def test_a_missing_file_is_named(file: Path) -> None:
    assert conftest.difference(file, "a").startswith("case.txt does not exist. If")
