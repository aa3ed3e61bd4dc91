"""The calls of functions in a trace: which lines ran in one call, and which line called it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tracer.record import Line, Trace
from tracer.render.explorer.interning import NOTHING


@dataclass(frozen=True, slots=True)
class CallFrame:
    """One call of one function.

    Attributes:
        file: The file of the function.
        function: Its qualified name.
        block: The call of the block that ran it.
        parent: The number of the frame that called it, `NOTHING` for the first.
        called_by: The number of the line that called it.
    """

    file: str
    function: str
    block: str
    parent: int
    called_by: int


@dataclass(frozen=True, slots=True)
class CallFrames:
    """The frames of a trace in the order in which they began, and the frame of each line."""

    frames: tuple[CallFrame, ...]
    of_lines: tuple[int, ...]


def find_frames(trace: Trace) -> CallFrames:
    """Return the frames of a trace with lines, which are in the order in which they began."""
    frames: list[CallFrame] = []
    open_frames: list[tuple[int, int]] = []
    found: list[int] = []
    for number, line in enumerate(trace.lines):
        position = _position(frames, open_frames, line)
        if position is None:
            while open_frames and not _encloses(trace.lines, open_frames[-1][1], line):
                open_frames.pop()
            parent, called_by = open_frames[-1] if open_frames else (NOTHING, NOTHING)
            frames.append(CallFrame(line.file, line.function, line.block, parent, called_by))
            open_frames.append((len(frames) - 1, number))
        else:
            open_frames[position:] = [(open_frames[position][0], number)]
        found.append(open_frames[-1][0])
    return CallFrames(tuple(frames), tuple(found))


def _position(
    frames: Sequence[CallFrame], open_frames: Sequence[tuple[int, int]], line: Line
) -> int | None:
    for position in range(len(open_frames) - 1, -1, -1):
        frame = frames[open_frames[position][0]]
        if (frame.block, frame.function) == (line.block, line.function):
            return position
    return None


def _encloses(lines: Sequence[Line], number: int, line: Line) -> bool:
    """Whether a line may have called what ran another."""
    outer = lines[number]
    is_inside = outer.first <= line.first and line.last <= outer.last
    in_block = not outer.block or line.block == outer.block or line.block.startswith(outer.block)
    return is_inside and in_block
