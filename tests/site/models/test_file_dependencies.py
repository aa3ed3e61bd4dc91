"""tracer/site/models/file_dependencies.py: the files that a run read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tracer.site.models.file_dependencies import (
    CHANGED_FILE,
    MISSING_FILE,
    are_unchanged,
    environment_key,
    file_state,
    merge_states,
    states_of_read_files,
)

READS = """
import json
import sys
from pathlib import Path

from tracer.site.models.file_dependencies import record_reads, states_of_read_files

record_reads()
sys.path.insert(0, {folder!r})
sys.dont_write_bytecode = {plain}
import some_model
Path({folder!r}, "written.txt").write_text("a result")
print(json.dumps(states_of_read_files()))
"""
MODEL = """
import pathlib
import some_layers
numbers = pathlib.Path(__file__).with_name("numbers.txt").read_text()
try:
    pathlib.Path(__file__).with_name("absent.txt").read_text()
except OSError:
    pass
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "some_model.py").write_text(MODEL)
    (tmp_path / "some_layers.py").write_text("width = 3\n")
    (tmp_path / "numbers.txt").write_text("1 2 3")
    (tmp_path / "unread.txt").write_text("4")
    return tmp_path


def read_by_a_run(folder: Path, *, plain: bool = True) -> dict[str, str]:
    """What a process says that it read, and the states."""
    script = READS.format(folder=str(folder), plain=plain)
    words = [sys.executable, "-c", script]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_imported_and_opened_files_are_recorded_and_written_ones_are_not(folder: Path) -> None:
    found = read_by_a_run(folder)
    names = {Path(path).name for path in found if Path(path).parent == folder}
    assert names == {"some_model.py", "some_layers.py", "numbers.txt", "absent.txt"}
    assert found[str(folder / "absent.txt")] == MISSING_FILE


def test_a_compiled_module_is_recorded_as_its_source(folder: Path) -> None:
    for _ in range(2):
        found = read_by_a_run(folder, plain=False)
    assert str(folder / "some_layers.py") in found
    assert not any(path.endswith(".pyc") for path in found)


def test_modules_imported_before_the_recording_are_included() -> None:
    assert str(Path(str(sys.modules["tracer.record"].__file__))) in states_of_read_files()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("some_layers.py", "width = 4\n"),
        ("numbers.txt", "1 2 4"),
        ("absent.txt", "5"),
        ("torch.py", "# comes before the other"),
    ],
)
def test_a_change_of_a_read_file_is_found(folder: Path, name: str, text: str) -> None:
    found = read_by_a_run(folder)
    assert are_unchanged(found)
    old = (folder / name).stat() if (folder / name).exists() else None
    (folder / name).write_text(text)
    if old:  # also where size and time are the same
        os.utime(folder / name, ns=(old.st_atime_ns, old.st_mtime_ns))
    assert not are_unchanged(found)


def test_a_change_of_another_file_is_ignored(folder: Path) -> None:
    found = read_by_a_run(folder)
    (folder / "unread.txt").write_text("5")
    (folder / "site").mkdir()
    assert are_unchanged(found)


def test_a_file_that_is_removed_has_changed(folder: Path) -> None:
    found = read_by_a_run(folder)
    (folder / "numbers.txt").unlink()
    assert not are_unchanged(found)


def test_a_file_written_during_the_run_counts_as_changed(folder: Path) -> None:
    (folder / "some_model.py").write_text(
        "from pathlib import Path\nimport some_layers\n"
        "Path(some_layers.__file__).write_text('width = 9')\n"
    )
    found = read_by_a_run(folder)
    assert found[str(folder / "some_layers.py")] == CHANGED_FILE
    assert not are_unchanged(found)


def test_a_file_that_two_runs_found_in_different_states_counts_as_changed() -> None:
    found = merge_states({"a.py": "1", "b.py": "1"}, {"b.py": "2", "c.py": "1"})
    assert found == {"a.py": "1", "b.py": CHANGED_FILE, "c.py": "1"}


def test_a_new_package_changes_the_state_of_its_folder(
    tmp_path: Path,
) -> None:
    seen = [file_state(str(tmp_path))]
    (tmp_path / "site").mkdir()
    (tmp_path / "notes.txt").touch()
    assert file_state(str(tmp_path)) == seen[0]
    for name in ("einops", "einops-1.0.dist-info"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
        seen.append(file_state(str(tmp_path)))
    assert len(set(seen)) == len(seen)


def test_an_installed_file_is_known_by_its_size_and_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    path = tmp_path / "module.py"
    path.write_text("a = 1")
    before = file_state(str(path))
    os.utime(path, ns=(0, 0))
    assert file_state(str(path)) != before


def test_variables_of_python_and_torch_are_part_of_the_environment_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = list(environment_key())
    monkeypatch.setenv("TORCH_SOMETHING", "1")
    assert list(environment_key()) != before
    monkeypatch.delenv("TORCH_SOMETHING")
    monkeypatch.setenv("OLDPWD", "/elsewhere")
    assert list(environment_key()) == before
