"""Checks the shapes in notes against the traces: a note that states another shape is an error.

They are compared with the numbers of each run and then with the formulas, so that a note that is
right at one size only is an error, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tracer.notation import NotationError
from tracer.record import Value
from tracer.site.content.executions import Execution, executions_of
from tracer.site.content.function_source import Function
from tracer.site.content.match_notes import NoteRow
from tracer.site.content.model_results import ModelResults
from tracer.site.content.note_shapes import shape_differences
from tracer.site.content.notes import Note


def shape_problems(
    rows: Iterable[NoteRow], function: Function, results: Mapping[str, ModelResults]
) -> Iterator[str]:
    """Yields a sentence per note whose shapes differ from those of a trace.

    Args:
        rows: The notes, with the statements that they quote.
        function: The function that they are about.
        results: What was found of each model, by its name on the site.
    """
    runs: dict[str, tuple[Execution, ...]] = {}
    for name, result in results.items():
        runs[name] = executions_of(result.trace, function)
        runs[f"{name} in formulas"] = executions_of(result.formulas, function)
    for row in rows:
        if row.note and row.note.shapes:
            yield from _note_problems(row.note, row.statements, runs)


def _note_problems(
    note: Note, statements: range, runs: Mapping[str, tuple[Execution, ...]]
) -> Iterator[str]:
    is_traced = dict.fromkeys(note.shapes, False)
    for trace, run in runs.items():
        for visit in _visits(run, statements):
            values = {name: visit.after[name] for name in note.shapes if name in visit.after}
            is_traced |= dict.fromkeys(values, True)
            if problem := _first_problem(note, values):
                where = f" in {visit.call}" if visit.call else ""
                yield f"note {note.id!r}: {problem} by {trace}{where}."
                return
    for name in (name for name, traced in is_traced.items() if not traced):
        yield (
            f"note {note.id!r}: it gives {name} a shape, but no trace of the site has a tensor of "
            "that name there. Remove it, or add a trace that runs these lines."
        )


def _first_problem(note: Note, values: Mapping[str, Value]) -> str | None:
    shapes = {name: text for name, text in note.shapes.items() if name in values}
    try:
        return next(shape_differences(shapes, values), None)
    except NotationError as error:
        return f"{error}; so no shape can be compared"


def _visits(run: Iterable[Execution], statements: range) -> Iterator[Execution]:
    """The last execution of each time that a run passes through these statements."""
    last: Execution | None = None
    for execution in run:
        inside = execution.statement in statements
        again = last and (execution.call != last.call or execution.statement <= last.statement)
        if last and (not inside or again):
            yield last
            last = None
        last = execution if inside else None
    if last:
        yield last
