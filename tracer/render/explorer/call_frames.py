"""The calls of functions in a trace: which lines ran in one call, and which line called it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
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

    def functions_of_blocks(self) -> dict[str, FunctionKey]:
        """Return the function of each block: its `forward`, else the first that it ran.

        Looking up the `forward` of a module may run code of its class before.
        """
        found: dict[str, FunctionKey] = {}
        forwards = [one for one in self.frames if one.function.rpartition(".")[2] == "forward"]
        for frame in (*forwards, *self.frames):
            found.setdefault(frame.block, (frame.file, frame.function))
        return found


@dataclass(frozen=True, slots=True)
class _Caller:
    """A line that may have called a frame; whether its code says so."""

    frame: int
    line: int
    by_code: bool


def find_frames(trace: Trace, functions: Mapping[FunctionKey, SourceFunction]) -> CallFrames:
    """Return the frames of a trace with lines.

    Args:
        trace: The trace.
        functions: Its functions, whose calls tell which of several lines may have called another.
    """
    lines = trace.lines
    recorded = [line.frame for line in lines]
    numbers = recorded if min(recorded, default=0) >= 0 else _likely_frames(lines)
    order = {number: rank for rank, number in enumerate(sorted(set(numbers)))}
    of_lines = tuple(order[number] for number in numbers)
    events: list[list[int]] = [[] for _ in order]
    for number, frame in enumerate(of_lines):
        events[frame].append(number)
    callers = _CallerFinder(lines, functions, events)
    found = []
    for frame, ran in enumerate(events):
        caller = callers.caller_of(frame)
        line = lines[ran[0]]
        found.append(CallFrame(line.file, line.function, line.block, caller.frame, caller.line))
    return CallFrames(tuple(found), of_lines)


def _likely_frames(lines: Sequence[Line]) -> list[int]:
    """The frames of lines that an earlier version recorded without them.

    Lines of the same function and block are one call while what they were called from goes on.
    """
    found: list[int] = []
    open_lines: list[int] = []
    for number, line in enumerate(lines):
        alike = (
            position
            for position, one in enumerate(open_lines)
            if (lines[one].block, lines[one].function) == (line.block, line.function)
        )
        position = max(alike, default=None)
        if position is None:
            while open_lines and not _encloses(lines[open_lines[-1]], line, line.last):
                open_lines.pop()
            found.append(number)
        else:
            found.append(found[open_lines[position]])
            del open_lines[position:]
        open_lines.append(number)
    return found


class _CallerFinder:
    """Finds which line called each frame, in the order in which the frames began.

    The line that called one began before it. But one that touched no tensor, such as a check of
    shapes, is known from the next line of its own frame only, which lists it.
    """

    def __init__(
        self,
        lines: Sequence[Line],
        functions: Mapping[FunctionKey, SourceFunction],
        events: Sequence[Sequence[int]],
    ) -> None:
        self.lines = lines
        self.functions = functions
        self.events = events
        self.open: list[int] = []

    def caller_of(self, frame: int) -> _Caller:
        """Return the innermost caller that the code names, else the innermost one."""
        known = [one for outer in self.open for one in self.candidates(outer, frame)]
        named = [one for one in known if one.by_code]
        found = (named or known or [_Caller(NOTHING, NOTHING, by_code=False)])[-1]
        while self.open and self.open[-1] != found.frame:
            self.open.pop()
        self.open.append(frame)
        return found

    def candidates(self, outer: int, frame: int) -> Iterator[_Caller]:
        """The lines of an outer frame that may have called one: the next one, the one before."""
        ran, events = self.events[frame], self.events[outer]
        line, name = self.lines[ran[0]], self.lines[ran[0]].function.rpartition(".")[2]
        last = max(self.lines[number].last for number in ran)
        position = bisect_left(events, ran[0])
        for number in events[position : position + 1]:
            following = self.lines[number]
            quiet = following.before
            if following.first == following.last:
                quiet = (*quiet, following.line)
            if quiet and line.first == last <= following.first:
                by_code = any(self.calls(number, at, name) for at in quiet)
                yield _Caller(outer, number, by_code)
        for number in events[max(position - 1, 0) : position]:
            if _encloses(self.lines[number], line, last):
                yield _Caller(outer, number, self.calls(number, self.lines[number].line, name))

    def calls(self, event: int, at: int, name: str) -> bool:
        """Whether the code of a line in the function of an event calls something of a name."""
        function = self.functions.get((self.lines[event].file, self.lines[event].function))
        return function is not None and function.calls_on(at, name)


def _encloses(outer: Line, line: Line, last: int) -> bool:
    """Whether a line began before a frame and ended after it, in the same block or around it."""
    is_inside = outer.first <= line.first and last <= outer.last
    return is_inside and (not outer.block or f"{line.block}.".startswith(f"{outer.block}."))
