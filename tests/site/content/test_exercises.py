"""tracer/site/content/exercises.py: the questions, read from a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ROOT
from tracer.errors import SiteError
from tracer.site.content.exercises import read_exercises


def test_there_are_at_least_twelve_questions_each_with_its_own_id() -> None:
    found = read_exercises(ROOT / "docs" / "exercises.yaml").exercises
    assert len({one.id for one in found}) == len(found) >= 12


def test_a_missing_language_is_named(tmp_path: Path) -> None:
    path = tmp_path / "exercises.yaml"
    path.write_text("trace: a\nexercises:\n- {id: x, question: {en: Q}, answer: {en: A, ko: 가}}\n")
    with pytest.raises(SiteError, match=r"'x' question: Object missing required field `ko`"):
        read_exercises(path)
