"""tracer/atomic_write.py: a file is written completely or not at all."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.conftest import ROOT, Golden
from tests.example import example
from tests.robustness.inject_faults import KINDS, STOPPED
from tests.robustness.robustness_figures import check_figures
from tracer.atomic_write import TEMPORARY_PREFIX, write_whole
from tracer.store import save

FAILED_STATUS = {"error": STOPPED, "kill": -9, "interrupt": STOPPED, "terminate": -15}

SHORT_FOLDER = "/tmp" if Path("/tmp").is_dir() else None


@cache
def faults(kind: str) -> list[dict[str, Any]]:
    """What became of a file, for each fault of a kind that one write can meet."""
    # Each folder above takes further calls, so the figures are those of a folder in the root.
    with TemporaryDirectory(dir=SHORT_FOLDER) as folder:
        done = subprocess.run(
            [sys.executable, "-m", "tests.robustness.inject_faults", folder, kind],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_at_any_call_leaves_the_old_file_or_the_new_one_whole(kind: str) -> None:
    assert {row["holds"] for row in faults(kind)} == {"old", "new"}
    assert {row["mode"] for row in faults(kind)} == {0o640}
    assert {row["status"] for row in faults(kind)} <= {0, FAILED_STATUS[kind]}


@pytest.mark.parametrize("kind", ["interrupt", "terminate"])
def test_an_interrupted_write_leaves_nothing_beside_the_file(kind: str) -> None:
    assert [row for row in faults(kind) if row["beside"]] == []


def test_a_failed_call_leaves_the_old_file_and_nothing_beside_it() -> None:
    failed = [row for row in faults("error") if row["status"] == STOPPED]
    assert {"mkdir", "open", "write", "fsync", "close", "chmod", "rename"} <= {
        row["call"].replace("replace", "rename").replace("__exit__", "close") for row in failed
    }
    assert [row for row in failed if row["holds"] != "old" or row["beside"]] == []


def test_a_killed_process_leaves_at_most_one_folder_whose_name_says_whose_it_is() -> None:
    rows = faults("kill")
    assert {row["status"] for row in rows} == {-9}
    assert {len(row["beside"]) for row in rows} == {0, 1}
    assert all(name.startswith(TEMPORARY_PREFIX) for row in rows for name in row["beside"])


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="other versions make other calls")
def test_the_number_of_faults_is_recorded(golden: Golden) -> None:
    figures = {f"write_{kind}": len(faults(kind)) for kind in KINDS}
    check_figures(golden, "faults", figures)


# ------------------------------------------------------------------------------ links, permissions


def test_a_link_of_the_name_that_a_draft_had_is_not_followed(tmp_path: Path) -> None:
    victim, path = tmp_path / "victim", tmp_path / "x.json"
    victim.write_bytes(b"whole")
    (tmp_path / f".x.json.{os.getpid()}.part").symlink_to(victim)
    save(example(), path)
    assert victim.read_bytes() == b"whole"
    assert path.is_file()
    assert not path.is_symlink()


def test_the_draft_is_in_a_folder_of_an_unpredictable_name_that_nobody_else_may_enter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafts: list[Path] = []
    replace = Path.replace

    def seen(draft: Path, target: Path) -> Path:
        assert stat.S_IMODE(draft.parent.stat().st_mode) == 0o700
        drafts.append(draft.parent)
        return replace(draft, target)

    monkeypatch.setattr(Path, "replace", seen)
    for _ in range(2):
        write_whole(tmp_path / "x", b"new")
    assert len(set(drafts)) == 2
    assert {draft.parent for draft in drafts} == {tmp_path}


@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_a_new_file_has_the_permissions_that_the_umask_leaves(
    tmp_path: Path, mask: int, mode: int
) -> None:
    before = os.umask(mask)
    try:
        write_whole(tmp_path / "x", b"new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == mode


def test_a_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    path.write_text("old", encoding="utf-8")
    path.chmod(0o640)
    write_whole(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert path.read_bytes() == b"new"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    link.symlink_to(real)
    write_whole(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


def test_a_loop_of_links_is_an_error_of_the_system(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.symlink_to(other)
    other.symlink_to(one)
    with pytest.raises(OSError, match="symbolic links"):
        write_whole(one, b"new")
    assert sorted(tmp_path.iterdir()) == [one, other]


def test_what_is_no_file_is_written_to_and_not_replaced() -> None:
    write_whole(Path("/dev/null"), b"new")
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_pipe_is_written_to_by_its_name(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write_whole(pipe, b"new")
    reader.join()
    assert got == [b"new"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_name_of_the_greatest_length_is_written(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"


def test_another_thread_writes_as_well(tmp_path: Path) -> None:
    thread = threading.Thread(target=write_whole, args=(tmp_path / "x", b"new"))
    thread.start()
    thread.join()
    assert (tmp_path / "x").read_bytes() == b"new"
