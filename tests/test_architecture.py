"""ARCHITECTURE.md describes the tree as it is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.conftest import ROOT

TEXT = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
PACKAGES = {
    str(init.parent.relative_to(ROOT))
    for package in ("unet_trace", "tracer", "reference_model")
    for init in (ROOT / package).rglob("__init__.py")
}
"""The packages of the tree, as paths such as ``tracer/analysis/skips``."""

QUESTIONS = {
    "an operation recorded": "class OpRecorder",
    "a skip recognized": "def skips",
    "a size rule found": "def find_size_rules",
    "a table cell turned into Markdown": "def write",
    "a note matched with its lines": "class NoteRow",
}
"""What a newcomer looks for, and what the file that is named has to define."""


def section(title: str) -> str:
    return TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def rows(title: str) -> dict[str, str]:
    """The rows of the table of a section: the first cell, and the second."""
    found = re.findall(r"^\| (.+?) \| (.+) \|$", section(title), re.MULTILINE)
    return dict(found[1:])


def named_paths() -> list[str]:
    """Everything between backticks, or in the drawing, that looks like a path."""
    spans = [*re.findall(r"`([^`\n]+)`", TEXT), *TEXT.split("```")[1].split()]
    return [
        span for span in spans if re.fullmatch(r"[\w/.]+(/|\.py|\.toml)", span) and "//" not in span
    ]


def test_it_is_one_page() -> None:
    assert len(TEXT.splitlines()) <= 130


def test_every_package_has_a_line_and_no_other_is_named() -> None:
    assert {name.strip("`") for name in rows("Every package")} == PACKAGES


@pytest.mark.parametrize("path", named_paths())
def test_a_path_that_is_named_exists(path: str) -> None:
    assert (ROOT / path).exists() or (ROOT / "tracer" / path).exists()


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_newcomer_is_led_to_the_file_that_does_it(question: str) -> None:
    (path,) = re.findall(r"`([^`]+)`", rows("Where is ...?")[question])
    assert QUESTIONS[question] in Path(ROOT / path).read_text(encoding="utf-8")


def test_the_layers_are_those_that_import_linter_checks() -> None:
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = config["tool"]["importlinter"]["contracts"]
    (layers,) = (one["layers"] for one in contracts if one["id"] == "layers")
    line = next(part for part in section("Layers").split("\n\n") if "→" in part)
    named = [re.findall(r"`(\w+)`", layer) for layer in line.split("→")]
    assert named == [re.findall(r"\w+", layer) for layer in layers]


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#:]+)", TEXT))
def test_a_link_leads_to_a_file(target: str) -> None:
    assert (ROOT / target).is_file()


@pytest.mark.parametrize(
    "record", sorted((ROOT / "docs/decisions").glob("*.md")), ids=lambda one: one.stem
)
def test_a_decision_names_files_that_exist(record: Path) -> None:
    text = record.read_text(encoding="utf-8")
    named = re.findall(r"`((?:tracer|tests|docs|from_torch)/[\w./-]+)`", text)
    found = [(ROOT / path).exists() or (ROOT / "tracer" / path).exists() for path in named]
    assert dict(zip(named, found, strict=True)) == dict.fromkeys(named, True)
    assert all((record.parent / link).is_file() for link in re.findall(r"\]\((\d[^)#]+)", text))


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs/decisions"
    listed = re.findall(r"\]\((\d[^)]+)\)", (folder / "README.md").read_text(encoding="utf-8"))
    assert listed == sorted(path.name for path in folder.glob("0*.md"))
