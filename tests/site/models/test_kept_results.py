"""tracer/site/models/kept_results.py: what is made of data, kept until the data change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tracer.site.models import kept_results
from tracer.site.models.kept_results import KeptResults, program_key

Counter = Callable[[], int]


@pytest.fixture
def count() -> Counter:
    """Returns how often it was called."""
    calls: list[int] = []

    def counted() -> int:
        calls.append(0)
        return len(calls)

    return counted


@pytest.fixture(autouse=True)
def same_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests may run while a file of the package is edited."""
    monkeypatch.setattr(kept_results, "program_key", lambda: "program")


def test_a_result_is_made_once_for_the_same_inputs(tmp_path: Path, count: Counter) -> None:
    found = [KeptResults(tmp_path).get("a", ("x", 1), int, count) for _ in range(2)]
    assert found == [1, 1]


def test_it_is_made_again_when_an_input_changes(tmp_path: Path, count: Counter) -> None:
    kept = KeptResults(tmp_path)
    assert [kept.get("a", value, int, count) for value in ("x", "y", "y", "x")] == [1, 2, 2, 3]
    assert len(list(tmp_path.iterdir())) == 1


def test_results_with_other_names_are_apart(tmp_path: Path, count: Counter) -> None:
    kept = KeptResults(tmp_path)
    assert [kept.get(name, "x", int, count) for name in ("a", "b", "a")] == [1, 2, 1]


def test_another_program_makes_it_again(
    tmp_path: Path, count: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = KeptResults(tmp_path)
    assert kept.get("a", "x", int, count) == 1
    monkeypatch.setattr(kept_results, "program_key", lambda: "changed")
    assert kept.get("a", "x", int, count) == 2


def test_a_program_that_changed_while_it_runs_keeps_nothing(
    tmp_path: Path, count: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_results, "program_key", lambda: None)
    assert [KeptResults(tmp_path).get("a", "x", int, count) for _ in range(2)] == [1, 2]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("damage", [b"", b"x", b"{}"])
def test_a_damaged_file_is_ignored(tmp_path: Path, count: Counter, damage: bytes) -> None:
    kept = KeptResults(tmp_path)
    kept.get("a", "x", int, count)
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:32] + damage)
    assert kept.get("a", "x", int, count) == 2


def test_the_program_is_known_by_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "module.py"
    source.write_text("one")
    keys = []
    for text in ("one", "one", "two"):
        source.write_text(text)
        monkeypatch.setattr(kept_results, "state_since_start", kept_results.file_state)
        monkeypatch.setattr(kept_results, "PACKAGE_FOLDER", tmp_path)
        program_key.cache_clear()
        keys.append(program_key())
    program_key.cache_clear()
    assert keys[0] == keys[1] != keys[2]
    assert None not in keys


def test_a_file_that_is_newer_than_the_process_gives_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "module.py").write_text("new")
    monkeypatch.setattr(kept_results, "PACKAGE_FOLDER", tmp_path)
    program_key.cache_clear()
    assert program_key() is None
    program_key.cache_clear()
