"""Everything that the pages are made of, read and checked before the first page is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tracer.site.content.check_notes import shape_problems
from tracer.site.content.executions import Execution, executions
from tracer.site.content.function_source import Function, read_function
from tracer.site.content.glossary import GlossaryTerm, read_glossary
from tracer.site.content.match_notes import NoteRow, paired
from tracer.site.content.notes import NoteFile, read_notes
from tracer.site.content.site_config import SiteConfig, SiteModel, Walk, read_plan
from tracer.site.errors import SiteError
from tracer.site.models.results import ModelResults

Find = Callable[[Sequence[SiteModel]], Mapping[str, ModelResults]]
"""Tells what is found of models, by their names."""


@dataclass(frozen=True)
class Walkthrough:
    """A function with its notes, and what the run of one model showed of it."""

    walk: Walk
    notes: NoteFile
    function: Function
    rows: tuple[NoteRow, ...]
    findings: ModelResults
    executions: tuple[Execution, ...]


@dataclass(frozen=True)
class Content:
    """The plan, what was found by name (also what only checks notes), and the walkthroughs."""

    plan: SiteConfig
    findings: dict[str, ModelResults]
    walkthroughs: tuple[Walkthrough, ...]
    glossary: tuple[GlossaryTerm, ...] = ()


def read_content(docs: Path, find: Find) -> Content:
    """Read the plan and the notes below `docs`, run the models, and compare.

    Raises SiteError that lists every note that does not fit its code or what the traces saw.
    """
    plan = read_plan(docs / "site.yaml")
    files = {walk.notes: docs / "notes" / f"{walk.notes}.yaml" for walk in plan.walks}
    notes = {name: read_notes(path) for name, path in files.items()}
    functions = {name: read_function(found.function) for name, found in notes.items()}
    rows = {name: paired(found, functions[name], str(files[name])) for name, found in notes.items()}
    findings = dict(find(plan.traces))
    problems = [
        f"{files[name]}: {problem}"
        for name in notes
        for problem in shape_problems(rows[name], functions[name], findings)
    ]
    if problems:
        raise SiteError("\n".join(problems))
    return Content(
        plan=plan,
        findings=findings,
        walkthroughs=tuple(_walkthroughs(plan, notes, functions, rows, findings)),
        glossary=read_glossary(docs / "glossary.yaml"),
    )


def _walkthroughs(
    plan: SiteConfig,
    notes: dict[str, NoteFile],
    functions: dict[str, Function],
    rows: dict[str, tuple[NoteRow, ...]],
    findings: dict[str, ModelResults],
) -> Iterator[Walkthrough]:
    for walk in plan.walks:
        function, found = functions[walk.notes], findings[walk.trace]
        yield Walkthrough(
            walk=walk,
            notes=notes[walk.notes],
            function=function,
            rows=rows[walk.notes],
            findings=found,
            executions=executions(found.trace, function),
        )
