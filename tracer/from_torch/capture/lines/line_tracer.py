"""Traces the lines of the model's own source: what each one did to the local variables.

Only functions in the model's own files are traced, with `sys.settrace`. A trace function that was
installed before (by a debugger or a coverage tool) keeps seeing these functions, and is restored
afterwards.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from inspect import CO_GENERATOR
from types import CodeType, FrameType
from typing import Any, TypeAlias

from torch import nn

from tracer.from_torch.capture.lines.frame_state import FrameState, SharedData
from tracer.from_torch.capture.op_recorder import OpRecorder
from tracer.from_torch.capture.source.code_names import CodeNames, names_in_code
from tracer.from_torch.capture.source.user_source import UserSource
from tracer.record import Line

TraceFunction: TypeAlias = Any
"""What `sys.gettrace` returns: a trace function, or None."""


LOOK_UP = nn.Module.__getattr__.__code__
"""What finds a submodule or parameter of a module, and changes nothing."""


class FrameTracer:
    """The trace function of one running function of the model, which Python keeps at its frame.

    A generator that goes on is a call of that function to Python, and is found again by it.
    """

    def __init__(self, lines: LineTracer, state: FrameState) -> None:
        self.lines = lines
        self.state = state
        self.is_paused = False
        """Whether the function goes on inside an operation, where no lines are recorded."""
        self.previous: TraceFunction = None
        """The trace function that was installed before, for this frame."""

    def __call__(self, frame: FrameType, event: str, arg: Any) -> TraceFunction:
        """Record what Python reports of the function."""
        state, lines = self.state, self.lines
        if self.is_paused:
            pass
        elif event == "line":
            if not state.is_same_line(frame):
                lines.go_on(state, frame)
        elif event == "return":
            lines.leave(state, frame)
        elif event == "exception":
            state.has_raised = True
        if self.previous is not None:
            self.previous = lines.call_previous(self.previous, frame, event, arg)
        return self


class LineTracer:
    """Collects the lines of a run, in the order in which they began."""

    def __init__(self, recorder: OpRecorder, source: UserSource) -> None:
        self._recorder = recorder
        self._source = source
        self._code_names: dict[int, tuple[CodeType, CodeNames | None]] = {}
        """The names in each function that was called, by its id; None for one that is not the
        model's. (Python computes the hash of a code object anew each time.)"""
        self.slots: list[Line | None] = []
        self._shared: SharedData = {}
        self.frames = 0
        """How many functions of the model were called so far."""
        self.functions = 0
        """How many functions of Python were called so far, but for those that only look up."""
        self._previous: TraceFunction = None

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines that touched a tensor, and the last ones of functions that touched none."""
        return tuple(line for line in self.slots if line is not None)

    @contextmanager
    def tracing(self) -> Iterator[None]:
        """Traces the model's own functions inside the `with` block."""
        self._previous = sys.gettrace()
        sys.settrace(None)
        self._report_returns()
        sys.settrace(self._trace_call)
        try:
            yield
        finally:
            sys.settrace(None)
            self._report_calls()
            sys.settrace(self._previous)

    def _report_returns(self) -> None:
        """Reports to the previous trace function that the context managers' frames have returned.

        They return while that function is not installed. A tool that counts calls and returns, such
        as one for coverage, would from then on attribute the lines of one function to another.
        """
        if self._previous is not None:
            for frame in _manager_frames(sys._getframe(1)):
                self._previous(frame, "return", None)
                frame.f_trace = None

    def _report_calls(self) -> None:
        """Reports to the previous trace function the frames whose return it will see."""
        if self._previous is not None:
            for frame in reversed(_manager_frames(sys._getframe(1))):
                # A trace function in C installs itself when called, and would see a next line.
                local_trace, _ = self._previous(frame, "call", None), sys.settrace(None)  # type: ignore[func-returns-value]
                frame.f_trace = local_trace

    def _trace_call(self, frame: FrameType, event: str, arg: Any) -> TraceFunction:
        code = frame.f_code
        if self._recorder.observe_code is not None:
            self._recorder.observe_code(frame)
        known = self._code_names.get(id(code))
        if known is None:
            is_own = code in self._source and not code.co_name.startswith("<")
            known = self._code_names[id(code)] = code, names_in_code(code) if is_own else None
        names, before = known[1], frame.f_trace
        self.functions += code is not LOOK_UP
        begun = before if isinstance(before, FrameTracer) and before.lines is self else None
        if names is None or self._recorder.inside_call:
            if begun is not None:
                begun.is_paused = True
            elif before is not None:
                frame.f_trace = None
            return None
        frame_tracer = self._resumed(begun, frame) if begun else self._begun(frame, names)
        frame_tracer.previous = self.call_previous(self._previous, frame, event, arg)
        return frame_tracer

    def _begun(self, frame: FrameType, names: CodeNames) -> FrameTracer:
        state = FrameState(frame, self._recorder, names, self._shared, self.frames)
        self.frames += 1
        return FrameTracer(self, state)

    def _resumed(self, begun: FrameTracer, frame: FrameType) -> FrameTracer:
        state, begun.is_paused = begun.state, False
        if state.quiet.lines:
            self.slots[state.quiet.slot] = None  # these lines were not the last ones
        state.look_at_variables(frame)
        state.begin_line(frame, self._next_slot(state), self.functions, is_rest=True)
        return begun

    def call_previous(
        self, previous: TraceFunction, frame: FrameType, event: str, arg: Any
    ) -> TraceFunction:
        """Calls the trace function that was installed before; returns the one to call next."""
        if previous is None:
            return None
        following = previous(frame, event, arg)
        sys.settrace(self._trace_call)  # a trace function written in C installs itself when called
        return following

    def go_on(self, state: FrameState, frame: FrameType) -> None:
        """Record the line of a function that is done, and begin its next one."""
        calls = self.functions
        if state.slot is not None:
            is_idle = state.is_idle(calls)
            self.slots[state.slot] = None if is_idle else state.finish_line(frame)
        state.begin_line(frame, self._next_slot(state), calls)

    def leave(self, state: FrameState, frame: FrameType) -> None:
        """Record the last line of a function that returned or stopped, and its quiet lines."""
        if state.slot is not None:
            self.slots[state.slot] = state.finish_line(frame, is_left=True)
        if state.quiet.lines:
            self.slots[state.quiet.slot] = state.final_line(frame)
        state.lists = {}  # Python may keep the frame, and these hold tensors

    def _next_slot(self, state: FrameState) -> int:
        """The place in the record of the line that a function begins."""
        slot, quiet = len(self.slots), state.quiet
        if quiet.lines and quiet.slot == slot - 1:  # nothing was recorded since that line
            return quiet.slot
        self.slots.append(None)
        return slot


def _manager_frames(frame: FrameType | None) -> list[FrameType]:
    """The frames of the context managers that are being entered or left, innermost first."""
    frames = []
    while frame is not None and _is_manager(frame):
        frames.append(frame)
        frame = frame.f_back
    return frames


def _is_manager(frame: FrameType) -> bool:
    is_generator = bool(frame.f_code.co_flags & CO_GENERATOR)
    return is_generator or frame.f_globals.get("__name__") == "contextlib"
