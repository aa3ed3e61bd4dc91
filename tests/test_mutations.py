"""A lock file notices what changes the reference model, names the cause, and notices no more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.mutants import write
from tests.mutations import BROKEN, MUTATIONS, REFACTORINGS, UNSEEN, Mutation
from tests.user_code import forgotten
from tracer.cli import main
from tracer.snapshot import read_lock, to_lock

pytestmark = pytest.mark.slow

Capture = pytest.CaptureFixture[str]


def named(mutation: Mutation) -> str:
    return mutation.name


@pytest.fixture(scope="module")
def lock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The lock file of the model as it is, in training: there dropout has a place of its own."""
    folder = tmp_path_factory.mktemp("original")
    with forgotten(folder), pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        path = folder / "unet.shapes.yaml"
        assert main(["lock", write(folder, "original"), "--train", "-o", str(path)]) == 0
        yield path


@pytest.fixture(scope="module")
def lock_of_shapes(lock: Path) -> Path:
    """The same lock file without size rules."""
    path = lock.with_name("shapes.yaml")
    path.write_text(to_lock(replace(read_lock(lock), size_rules=None)), encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(str(tmp_path))
    with forgotten(tmp_path):
        yield tmp_path


def test_there_are_enough_mutations() -> None:
    assert len(MUTATIONS) >= 20


OF_SIZES = [mutation for mutation in MUTATIONS if "size rule" in mutation.cause]
OF_SHAPES = [mutation for mutation in MUTATIONS if mutation not in OF_SIZES]


@pytest.mark.parametrize("mutation", OF_SHAPES, ids=named)
def test_a_mutation_is_noticed_and_its_cause_is_named(
    mutation: Mutation, lock_of_shapes: Path, folder: Path, capsys: Capture
) -> None:
    """Without the help of the size rules, for which a check runs the model a dozen times."""
    assert mutation.cause in rows_of_check(mutation, lock_of_shapes, folder, capsys)


@pytest.mark.parametrize("mutation", OF_SIZES, ids=named)
def test_a_mutation_of_the_sizes_is_noticed_and_its_cause_is_named(
    mutation: Mutation, lock: Path, folder: Path, capsys: Capture
) -> None:
    assert mutation.cause in rows_of_check(mutation, lock, folder, capsys)


@pytest.mark.nightly
@pytest.mark.parametrize("mutation", OF_SHAPES, ids=named)
def test_the_cause_is_named_beside_size_rules_too(
    mutation: Mutation, lock: Path, folder: Path, capsys: Capture
) -> None:
    assert mutation.cause in rows_of_check(mutation, lock, folder, capsys)


def rows_of_check(mutation: Mutation, lock: Path, folder: Path, capsys: Capture) -> list[str]:
    """The rows of the table that a check prints, which has to find a difference."""
    target = write(folder, "mutant", *mutation.edits)
    assert main(["check", target, str(lock)]) == 1
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("mutation", BROKEN, ids=named)
def test_a_model_that_no_longer_runs_says_where(
    mutation: Mutation, lock: Path, folder: Path, capsys: Capture
) -> None:
    assert main(["check", write(folder, "mutant", *mutation.edits), str(lock)]) == 2
    assert mutation.cause in capsys.readouterr().err


@pytest.mark.parametrize("refactoring", REFACTORINGS, ids=named)
def test_a_refactoring_is_not_noticed(
    refactoring: Mutation, lock: Path, folder: Path, capsys: Capture
) -> None:
    assert main(["check", write(folder, "mutant", *refactoring.edits), str(lock)]) == 0
    assert capsys.readouterr().out.count("\n") < 8


@pytest.mark.parametrize("change", UNSEEN, ids=named)
def test_what_changes_numbers_and_no_shape_is_not_seen_as_the_guide_says(
    change: Mutation, lock: Path, folder: Path, capsys: Capture
) -> None:
    assert main(["check", write(folder, "mutant", *change.edits), str(lock)]) == 0
    assert "Nothing differs" in capsys.readouterr().out
