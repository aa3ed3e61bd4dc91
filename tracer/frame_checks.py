"""Finds where the lines of a decoded trace contradict each other: which call ran them, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tracer.record import Line

Problem = tuple[str, str]
"""The place in the document, and what is wrong there."""

MAX_SIZE: Final = 2**63 - 1
"""The largest size of a dimension, as in PyTorch, and the largest number of a line."""
MAX_TEXT: Final = 4_000
"""The longest text of a small value: a few strings, with everything in them escaped."""


@dataclass(slots=True)
class CheckedFrame:
    """One call of a function: where it is, and whether its last line was found."""

    function: str
    file: str
    ended: bool = False


def find_frame_problems(lines: tuple[Line, ...]) -> Iterator[Problem]:
    """Yield what is wrong with the calls that ran the lines.

    >>> line = Line("", "f", "f.py", 3, 0, 0, frame=1)
    >>> next(find_frame_problems((line,)))
    ('.lines[0].frame', 'the calls are not counted from 0: nothing ran in call 0')
    """
    if all(_is_unnumbered(line) for line in lines):  # written by an earlier version
        return
    frames: dict[int, CheckedFrame] = {}
    for number, line in enumerate(lines):
        problem = _problem_of_call(line, frames) or _problem_of_line(line)
        if problem:
            yield f".lines[{number}]", problem
    missing = next((number for number in range(len(frames)) if number not in frames), None)
    if missing is not None:
        place = next(number for number, line in enumerate(lines) if line.frame > missing)
        problem = f"the calls are not counted from 0: nothing ran in call {missing}"
        yield f".lines[{place}].frame", problem


def _is_unnumbered(line: Line) -> bool:
    return line.frame == -1 and not (line.before or line.sets or line.entry)


def _problem_of_call(line: Line, frames: dict[int, CheckedFrame]) -> str | None:
    """What is wrong with a line, compared with those of its call before."""
    if line.frame < 0:
        return "it has no number of a call, unlike other lines"
    frame = frames.get(line.frame)
    if frame is None:
        frame = frames[line.frame] = CheckedFrame(line.function, line.file)
    elif line.entry:
        return "only the first line of a call has what held when the call began"
    if (frame.function, frame.file) != (line.function, line.file):
        return "another line of the same call is in another function"
    if frame.ended:
        return "a line without effect is the last one of its call, but here is another one"
    frame.ended = not line.touches_tensors
    return None


def _problem_of_line(line: Line) -> str | None:
    if not all(0 <= before <= MAX_SIZE for before in line.before):
        return "the number of a line before it is out of range"
    for items in (line.sets, line.entry):
        if len({name for name, _ in items}) < len(items):
            return "it has two values for one variable"
    if any(len(text) > MAX_TEXT for _, text in line.sets):
        return "the text of a small value is too long"
    return None
