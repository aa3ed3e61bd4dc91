"""tracer/site/build/replace_folder.py: one folder takes the place of another, in one step."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.robustness.inject_faults import calls_of, fault, send
from tracer.site.build import replace_folder
from tracer.site.build.replace_folder import publish

PAGES = ("index.html", "en/page.html", "ko/page.html")


def site(folder: Path, text: str) -> Path:
    for page in PAGES:
        path = folder / page
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def texts(folder: Path) -> set[str]:
    assert {str(path.relative_to(folder)) for path in folder.rglob("*.html")} == set(PAGES)
    return {(folder / page).read_text() for page in PAGES}


def test_a_folder_takes_the_place_of_another(tmp_path: Path) -> None:
    out, draft = site(tmp_path / "out", "old"), site(tmp_path / "draft", "new")
    publish(draft, out)
    assert texts(out) == {"new"}
    assert texts(draft) == {"old"}


def test_the_first_site_needs_no_other(tmp_path: Path) -> None:
    publish(site(tmp_path / "draft", "new"), tmp_path / "out")
    assert texts(tmp_path / "out") == {"new"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_system_that_cannot_exchange_two_names_moves_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replace_folder, "_exchanged", lambda one, other: False)
    out, draft = site(tmp_path / "out", "old"), site(tmp_path / "draft", "new")
    publish(draft, out)
    assert texts(out) == {"new"}


def test_a_folder_that_cannot_be_moved_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        publish(tmp_path / "nothing", tmp_path / "out")


@pytest.mark.skipif(os.uname().sysname != "Linux", reason="Linux exchanges two names in one step")
def test_a_process_that_is_killed_at_any_call_leaves_a_whole_site(tmp_path: Path) -> None:
    out, draft = site(tmp_path / "out", "old"), site(tmp_path / "draft", "new")
    every: Callable[[object], bool] = lambda function: True  # noqa: E731
    publish(draft, out)
    calls = calls_of(lambda: publish(draft, out), every)
    for number in range(len(calls)):
        child = os.fork()
        if not child:
            with fault(number, send(signal.SIGKILL), every):
                publish(draft, out)
            os._exit(0)
        os.waitpid(child, 0)
        assert texts(out) in ({"old"}, {"new"})


def test_many_builds_at_once_leave_a_whole_site(tmp_path: Path) -> None:
    out = tmp_path / "out"
    children = []
    for number in range(4):
        child = os.fork()
        if not child:
            try:
                for turn in range(25):
                    publish(site(tmp_path / f"draft-{number}-{turn}", f"{number}"), out)
            finally:
                os._exit(number if turn == 24 else 99)
        children.append(child)
    ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    assert ended == [0, 1, 2, 3]
    assert texts(out) <= {"0", "1", "2", "3"}
    assert len(texts(out)) == 1
