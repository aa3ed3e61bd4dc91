"""The page "How it is tested", made from docs/robustness/*.json, in English or Korean."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template

from tests.robustness import words
from tests.robustness.words import PARTS, VERSIONS, WITHOUT_ROWS, Part

HEAD = """\
# {title} {{#top}}

{introduction}
"""


Figures = Mapping[str, int | str]
"""Numbers by what they count; in those of the versions, also the version of PyTorch."""


def figures_in(folder: Path) -> dict[str, Figures]:
    """Return the figures of every file in a folder, by the name of the file."""
    files = sorted(folder.glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in files}


def page(figures: Mapping[str, Figures], language: str) -> str:
    """Return the page in a language, with a section for each part that has figures."""
    head = HEAD.format(title=words.TITLE[language], introduction=words.INTRODUCTION[language])
    sections = [
        section(part, figures[part.name], language) for part in PARTS if part.name in figures
    ]
    return "\n".join([head, *sections])


def section(part: Part, figures: Figures, language: str) -> str:
    """Return the section of a part: its heading, its paragraph, its table."""
    heading = f"## {part.title[language]} {{#{part.name}}}\n\n{part.text[language]}\n"
    if part is VERSIONS:
        lines = versions(figures, language)
    elif part.name in WITHOUT_ROWS:
        return heading
    else:
        lines = table(part, figures, language)
    return "\n".join([heading, *lines, ""])


def table(part: Part, figures: Figures, language: str) -> Iterator[str]:
    """Yield one row per number; one that has no words yet is shown by its id."""
    yield f"| {' | '.join(words.COLUMNS[language])} |"
    yield "| --- | --: |"
    known = [name for name in part.rows if name in figures]
    for name in [*known, *sorted(set(figures) - set(known))]:
        text = part.rows[name][words.LANGUAGES.index(language)] if name in known else f"`{name}`"
        yield f"| {text} | {figures[name]:,} |"


def versions(figures: Figures, language: str) -> Iterator[str]:
    """Yield one row per Python, and one column per PyTorch."""
    pairs = {tuple(name.split("/")[:2]) for name in figures}
    torches = sorted({torch for _, torch in pairs})
    shown = [words.NEWEST[language] if torch == "newest" else torch for torch in torches]
    yield f"| Python | {' | '.join(f'PyTorch {torch}' for torch in shown)} |"
    yield f"| --- |{' --- |' * len(torches)}"
    for python in sorted({python for python, _ in pairs}):
        cells = [version_cell(figures, f"{python}/{torch}", language) for torch in torches]
        yield f"| {python} | {' | '.join(cells)} |"


def version_cell(figures: Figures, pair: str, language: str) -> str:
    """Return how the tests ended with one pair of versions, and which version the newest was."""
    if f"{pair}/unavailable" in figures:
        return words.UNAVAILABLE[language]
    if f"{pair}/passed" not in figures:
        return words.NOT_TRIED[language]
    passed, failed = figures[f"{pair}/passed"], figures[f"{pair}/failed"]
    text = (words.FAILED if failed else words.PASSED)[language]
    result = Template(text).substitute(passed=f"{passed:,}", failed=f"{failed:,}")
    return f"{figures[f'{pair}/torch']}: {result}" if pair.endswith("/newest") else result
