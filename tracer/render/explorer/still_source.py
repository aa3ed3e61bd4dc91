"""The source of a model with the shapes of the first call of each function, as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from tracer.record import Line, Trace, Value
from tracer.render import number_format
from tracer.render.explorer.call_frames import CallFrames
from tracer.render.explorer.source_functions import FunctionKey, SourceFunction


def first_frame_lines(trace: Trace, frames: CallFrames) -> dict[FunctionKey, list[Line]]:
    """Return the lines that ran in the first call of each function.

    Args:
        trace: A trace with lines.
        frames: Its frames.
    """
    first: dict[FunctionKey, int] = {}
    for number, frame in enumerate(frames.frames):
        first.setdefault((frame.file, frame.function), number)
    wanted = {number: key for key, number in first.items()}
    found: dict[FunctionKey, list[Line]] = {key: [] for key in first}
    for line, number in zip(trace.lines, frames.of_lines, strict=True):
        if number in wanted:
            found[wanted[number]].append(line)
    return found


def source_with_shapes(function: SourceFunction, lines: Iterable[Line]) -> str:
    """Return the text of a function as HTML, with what each statement made at its end.

    Args:
        function: The function, with its text.
        lines: The lines of one call of it. Of a line that ran several times, the first counts.
    """
    made = _made_by_statement(function, lines)
    return "".join(
        f"{escape(text)}{_note(made.get(number, {}))}\n"
        for number, text in enumerate(function.source.splitlines(), function.first)
    )


def _made_by_statement(
    function: SourceFunction, lines: Iterable[Line]
) -> dict[int, dict[str, Value]]:
    """What each statement made, by its last line."""
    ends = {line: last for first, last in function.statements for line in range(first, last + 1)}
    found: dict[int, dict[str, Value]] = {}
    seen: set[int] = set()
    for line in lines:
        if line.line not in seen:
            seen.add(line.line)
            made = found.setdefault(ends.get(line.line, line.line), {})
            for name, value in _made(line):
                made[name] = value
    return found


def _made(line: Line) -> Iterator[tuple[str, Value]]:
    if line.names:
        yield from line.names
    else:
        yield from (("", one.value) for one in line.changes[-1:] if one.kind == "push")


def _note(made: dict[str, Value]) -> str:
    if not made:
        return ""
    texts = (f"{name} {number_format.shape_of(value)}".strip() for name, value in made.items())
    return f'  <span class="made"># {escape(", ".join(texts))}</span>'
