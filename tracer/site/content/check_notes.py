"""Checks the shapes in notes against the traces: a note that states another shape is an error.

They are compared with the numbers of each run and then with the formulas, so that a note that is
right at one size only is an error, too.
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
from tracer.site.content.executions import Execution, executions_of
from tracer.site.content.function_source import Function
from tracer.site.content.match_notes import NoteRow
from tracer.site.content.model_results import TracePair
from tracer.site.content.notes import Note


def shape_problems(
    rows: Iterable[NoteRow], function: Function, results: Mapping[str, TracePair]
) -> Iterator[str]:
    """Yield a sentence per note whose shapes differ from those of a trace.

    Args:
        rows: The notes, with the statements that they quote.
        function: The function that they are about.
        results: The results of each model, by its name on the site.
    """
    runs: dict[str, tuple[Execution, ...]] = {}
    for name, result in results.items():
        runs[name] = executions_of(result.trace, function)
        runs[f"{name} in formulas"] = executions_of(result.formulas, function)
    for row in rows:
        if row.note and row.note.shapes:
            try:
                yield from _note_problems(row.note, row.statements, runs)
            except NotationError as error:
                yield f"note {row.note.id!r}: {error}"


def _note_problems(
    note: Note, statements: range, runs: Mapping[str, tuple[Execution, ...]]
) -> Iterator[str]:
    is_traced = dict.fromkeys(note.shapes, False)
    right: set[tuple[object, ...]] = set()  # calls repeat the same shapes many times
    for trace, run in runs.items():
        for visit in _visits(run, statements):
            values = {name: visit.after[name] for name in note.shapes if name in visit.after}
            is_traced |= dict.fromkeys(values, True)
            shapes = tuple((name, value.shape, value.dtype) for name, value in values.items())
            if shapes in right:
                continue
            right.add(shapes)
            if mismatch := _first_mismatch(note, values):
                where = f" in {visit.call}" if visit.call else ""
                yield f"note {note.id!r}: {mismatch} by {trace}{where}."
                return
    for name in (name for name, traced in is_traced.items() if not traced):
        yield (
            f"note {note.id!r}: it gives {name} a shape, but no trace of the site has a tensor of "
            "that name there. Remove it, or add a trace that runs these lines."
        )


def _first_mismatch(note: Note, values: Mapping[str, Value]) -> str | None:
    shapes = {name: text for name, text in note.shapes.items() if name in values}
    return next(shape_mismatches(shapes, values), None)


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
