"""Whether the shapes in notes are those that traces saw: a note that says otherwise is an error.

They are compared with the numbers of each run, and then with the formulas, so that a note that is
right at one size only does not pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tracer.record import Value
from tracer.site.content.executions import Execution, executions
from tracer.site.content.function_source import Function
from tracer.site.content.match_notes import NoteRow
from tracer.site.content.notes import Note
from tracer.site.content.shape_terms import TermError, disagreements
from tracer.site.models.results import ModelResults


def shape_problems(
    rows: Iterable[NoteRow], function: Function, findings: Mapping[str, ModelResults]
) -> Iterator[str]:
    """What is wrong with the shapes of the notes, a sentence each, naming note and trace."""
    runs: dict[str, tuple[Execution, ...]] = {}
    for name, found in findings.items():
        runs[name] = executions(found.trace, function)
        runs[f"{name} in formulas"] = executions(found.formulas, function)
    for row in rows:
        if row.note and row.note.shapes:
            yield from _of_note(row.note, row.pieces, runs)


def _of_note(note: Note, pieces: range, runs: Mapping[str, tuple[Execution, ...]]) -> Iterator[str]:
    seen = dict.fromkeys(note.shapes, False)
    for trace, run in runs.items():
        for visit in _visits(run, pieces):
            held = {name: visit.after[name] for name in note.shapes if name in visit.after}
            seen |= dict.fromkeys(held, True)
            if trouble := _first_trouble(note, held):
                where = f" in {visit.call}" if visit.call else ""
                yield f"note {note.id!r}: {trouble} by {trace}{where}."
                return
    for name in (name for name, was_seen in seen.items() if not was_seen):
        yield (
            f"note {note.id!r}: it gives {name} a shape, but no trace of the site sees a tensor of "
            "that name there. Remove it, or add a trace that runs these lines."
        )


def _first_trouble(note: Note, held: Mapping[str, Value]) -> str | None:
    shapes = {name: written for name, written in note.shapes.items() if name in held}
    try:
        return next(disagreements(shapes, held), None)
    except TermError as error:
        return f"{error}; so no shape can be compared"


def _visits(run: Iterable[Execution], pieces: range) -> Iterator[Execution]:
    """The last execution of each time that a run goes through these pieces."""
    last: Execution | None = None
    for execution in run:
        inside = execution.piece in pieces
        if last and (not inside or execution.call != last.call or execution.piece <= last.piece):
            yield last
            last = None
        last = execution if inside else None
    if last:
        yield last
