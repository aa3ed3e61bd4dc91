"""CONTRIBUTING.md names files and targets that exist, and few files of code for each task."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TASKS = re.findall(r"^### (.+?)\n(.*?)(?=^### |\Z)", TEXT, re.MULTILINE | re.DOTALL)
PATH = re.compile(r"`((?:tracer|tests|docs|reference_model)/[\w./-]*|[\w.-]+\.(?:toml|yml|md))`")
MOST_FILES_OF_CODE = 3


def files_of(task: str) -> list[str]:
    """The files in the first column of the table of a task."""
    cells = re.findall(r"^\| (`.+?) \|", task, re.MULTILINE)
    return [path for cell in cells for path in PATH.findall(cell)]


@pytest.mark.parametrize("path", sorted({*PATH.findall(TEXT)}))
def test_a_file_that_is_named_exists(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("link", sorted({*re.findall(r"\]\(([^)#:]+)", TEXT)}))
def test_a_link_leads_to_a_file(link: str) -> None:
    assert (ROOT / link).is_file()


@pytest.mark.parametrize("target", sorted({*re.findall(r"`make (\w+)`", TEXT)}))
def test_a_target_of_make_that_is_named_exists(target: str) -> None:
    assert re.search(rf"^{target}:.*##", MAKEFILE, re.MULTILINE)


def test_it_says_how_to_add_what_is_added_most_often() -> None:
    assert [title for title, _ in TASKS] == [
        "A format of tables",
        "A command",
        "A skip style",
        "A preset",
        "A walkthrough page",
    ]


@pytest.mark.parametrize(("title", "text"), TASKS, ids=[title for title, _ in TASKS])
def test_a_task_touches_at_most_three_files_of_code(title: str, text: str) -> None:
    files = files_of(text)
    assert files
    assert len([path for path in files if path.endswith(".py")]) <= MOST_FILES_OF_CODE
