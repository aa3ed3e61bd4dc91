"""Everything that the pages are made of, read and checked before the first page is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tracer.record import Trace
from tracer.site.agreement import shape_problems
from tracer.site.errors import SiteError
from tracer.site.functions import Function, read_function
from tracer.site.glossary import Term, read_glossary
from tracer.site.notes import NoteFile, read_notes
from tracer.site.observed import Execution, executions
from tracer.site.pairing import Row, paired
from tracer.site.plan import Plan, Traced, Walk, read_plan
from tracer.stack_ledger import Ledger, ledger


@dataclass(frozen=True)
class Walkthrough:
    """A function with its notes, and what one trace saw of it."""

    walk: Walk
    notes: NoteFile
    function: Function
    rows: tuple[Row, ...]
    trace: Trace
    executions: tuple[Execution, ...]


@dataclass(frozen=True)
class Content:
    """The plan, the traces by name (those that only check notes included), and the walkthroughs."""

    plan: Plan
    traces: dict[str, Trace]
    ledgers: dict[str, Ledger]
    walkthroughs: tuple[Walkthrough, ...]
    glossary: tuple[Term, ...] = ()


def read_content(docs: Path, make_trace: Callable[[Traced], Trace]) -> Content:
    """Read the plan and the notes below `docs`, make the traces, and compare.

    Raises SiteError that lists every note that does not fit its code or what the traces saw.
    """
    plan = read_plan(docs / "site.yaml")
    files = {walk.notes: docs / "notes" / f"{walk.notes}.yaml" for walk in plan.walks}
    notes = {name: read_notes(path) for name, path in files.items()}
    functions = {name: read_function(found.function) for name, found in notes.items()}
    rows = {name: paired(found, functions[name], str(files[name])) for name, found in notes.items()}
    traces = {traced.name: make_trace(traced) for traced in plan.traces}
    problems = [
        f"{files[name]}: {problem}"
        for name in notes
        for problem in shape_problems(rows[name], functions[name], traces)
    ]
    if problems:
        raise SiteError("\n".join(problems))
    return Content(
        plan=plan,
        traces=traces,
        ledgers={traced.name: ledger(traces[traced.name]) for traced in plan.shown},
        walkthroughs=tuple(_walkthroughs(plan, notes, functions, rows, traces)),
        glossary=read_glossary(docs / "glossary.yaml"),
    )


def _walkthroughs(
    plan: Plan,
    notes: dict[str, NoteFile],
    functions: dict[str, Function],
    rows: dict[str, tuple[Row, ...]],
    traces: dict[str, Trace],
) -> Iterator[Walkthrough]:
    for walk in plan.walks:
        function, trace = functions[walk.notes], traces[walk.trace]
        yield Walkthrough(
            walk=walk,
            notes=notes[walk.notes],
            function=function,
            rows=rows[walk.notes],
            trace=trace,
            executions=executions(trace, function),
        )
