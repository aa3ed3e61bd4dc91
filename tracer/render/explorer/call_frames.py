"""The calls of functions in a trace: which lines ran in one call, and which line called it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tracer.record import Line, Trace
from tracer.render.explorer.interning import NOTHING
from tracer.render.explorer.source_functions import FunctionKey, SourceFunction


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


@dataclass(slots=True)
class OpenFrame:
    """A frame that may go on, and the number of the last of its lines that began."""

    number: int
    line: int


def find_frames(trace: Trace, functions: Mapping[FunctionKey, SourceFunction]) -> CallFrames:
    """Return the frames of a trace with lines.

    Which frame ran a line is recorded, and a line that called another is on a frame that goes on.
    In files of versions that did not record frames, lines of the same function and block are taken
    for one call while what they were called from goes on.

    Args:
        trace: The trace.
        functions: Its functions, whose calls tell which of several lines may have called another.
    """
    finder = _FrameFinder(trace.lines, functions)
    of_lines = tuple(finder.frame_of(number) for number in range(len(trace.lines)))
    return CallFrames(tuple(finder.frames), of_lines)


class _FrameFinder:
    """Goes through the lines in the order in which they began."""

    def __init__(
        self, lines: Sequence[Line], functions: Mapping[FunctionKey, SourceFunction]
    ) -> None:
        self.lines = lines
        self.functions = functions
        self.recorded = all(line.frame >= 0 for line in lines)
        self.frames: list[CallFrame] = []
        self.known: dict[int, int] = {}
        self.open: list[OpenFrame] = []

    def frame_of(self, number: int) -> int:
        """Return the frame that a line belongs to; those that it shows to have ended are closed."""
        line = self.lines[number]
        position = self.position(line)
        if position is not None:
            del self.open[position + 1 :]
            self.open[position].line = number
        else:
            self.begin(number, line)
        return self.open[-1].number

    def position(self, line: Line) -> int | None:
        """Which of the open frames ran a line, None if it is another one."""
        for position in range(len(self.open) - 1, -1, -1):
            number = self.open[position].number
            frame = self.frames[number]
            is_alike = (frame.block, frame.function) == (line.block, line.function)
            if self.known.get(line.frame) == number if self.recorded else is_alike:
                return position
        return None

    def begin(self, number: int, line: Line) -> None:
        """Open a new frame, or a generator's that goes on, below the line that called it."""
        found = self.caller(line)
        del self.open[0 if found is None else found + 1 :]
        parent = self.open[-1] if self.open else OpenFrame(NOTHING, NOTHING)
        frame = self.known.get(line.frame) if self.recorded else None
        if frame is None:
            frame = len(self.frames)
            self.known[line.frame] = frame
            called = line.file, line.function, line.block, parent.number, parent.line
            self.frames.append(CallFrame(*called))
        self.open.append(OpenFrame(frame, number))

    def caller(self, line: Line) -> int | None:
        """Which of the open frames called what ran a line: by its code, else the innermost one."""
        outer = [
            position
            for position, frame in enumerate(self.open)
            if _encloses(self.lines[frame.line], line)
        ]
        by_code = [one for one in outer if self.may_call(self.lines[self.open[one].line], line)]
        return max(by_code or outer, default=None)

    def may_call(self, outer: Line, line: Line) -> bool:
        """Whether the code of a line calls something of the name of what ran another."""
        function = self.functions.get((outer.file, outer.function))
        name = line.function.rpartition(".")[2]
        return function is not None and function.calls_on(outer.line, name)


def _encloses(outer: Line, line: Line) -> bool:
    """Whether a line began before another and ended after it, in the same block or around it."""
    is_inside = outer.first <= line.first and line.last <= outer.last
    return is_inside and (not outer.block or f"{line.block}.".startswith(f"{outer.block}."))
