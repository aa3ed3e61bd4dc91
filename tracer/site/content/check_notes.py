"""Whether the shapes in notes are those that traces saw: a note that says otherwise is an error.

They are compared with the numbers of each run, and then with the formulas, so that a note that is
right at one size only does not pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tracer.notation import (
    NotationError,
    ShapePattern,
    dtype_and_rank_mismatches,
    equations_of,
    parse_shape,
    solve,
)
from tracer.record import Value
from tracer.render import number_format
from tracer.site.content.executions import Execution, executions
from tracer.site.content.function_source import Function
from tracer.site.content.match_notes import NoteRow
from tracer.site.content.notes import Note
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
            try:
                yield from _of_note(row.note, row.pieces, runs)
            except NotationError as error:
                yield f"note {row.note.id!r}: {error}"


def _of_note(note: Note, pieces: range, runs: Mapping[str, tuple[Execution, ...]]) -> Iterator[str]:
    seen = dict.fromkeys(note.shapes, False)
    for trace, run in runs.items():
        for visit in _visits(run, pieces):
            held = {name: visit.after[name] for name in note.shapes if name in visit.after}
            seen |= dict.fromkeys(held, True)
            if trouble := _first_mismatch(note, held):
                where = f" in {visit.call}" if visit.call else ""
                yield f"note {note.id!r}: {trouble} by {trace}{where}."
                return
    for name in (name for name, was_seen in seen.items() if not was_seen):
        yield (
            f"note {note.id!r}: it gives {name} a shape, but no trace of the site sees a tensor of "
            "that name there. Remove it, or add a trace that runs these lines."
        )


def _first_mismatch(note: Note, held: Mapping[str, Value]) -> str | None:
    shapes = {name: written for name, written in note.shapes.items() if name in held}
    return next(shape_mismatches(shapes, held), None)


def shape_mismatches(shapes: Mapping[str, str], values: Mapping[str, Value]) -> Iterator[str]:
    """Yield the shapes of a note that are not those of the traced tensors.

    A name has the same value in all shapes of the note, and must stand alone on an axis once.

    Args:
        shapes: The shape of each local variable, in the notation of `tracer.notation`.
        values: The tensor that each of them holds in a trace.

    Raises:
        NotationError: A shape does not follow the notation.

    >>> x = Value("conv2d", (1, 8, 32, 32), "float32")
    >>> list(shape_mismatches({"x": "b 16 h w"}, {"x": x}))
    ["x is 'b 16 h w', but was traced as 1×8×32×32 (axis 1: 16 expected, 8 found)"]
    """
    patterns = {name: parse_shape(text) for name, text in shapes.items()}
    for name, pattern in patterns.items():
        value = values[name]
        for reason in dtype_and_rank_mismatches(pattern, value.shape, value.dtype):
            yield _mismatch(name, pattern, value, reason)
    solution = solve(
        equation
        for name, pattern in patterns.items()
        for equation in equations_of(pattern, values[name].shape, name)
    )
    for binding in solution.bindings:
        if binding.term != binding.name:
            name = binding.origin.where
            yield f"{name} is {shapes[name]!r}, but no axis of the note is {binding.name} alone"
    for one in solution.contradictions:
        name = one.equation.origin.where
        yield _mismatch(name, patterns[name], values[name], one.text)


def _mismatch(name: str, pattern: ShapePattern, value: Value, reason: str) -> str:
    traced = number_format.shape_of(value)
    return f"{name} is {pattern.text!r}, but was traced as {traced} ({reason})"


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
