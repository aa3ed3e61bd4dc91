"""Traces the lines of the model's own source: what each one did to the local variables.

Only functions in the model's own files are traced, with `sys.settrace`. A trace function that was
installed before (by a debugger or a coverage tool) keeps seeing these functions, and is restored
afterwards.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from inspect import CO_GENERATOR
from types import CodeType, FrameType
from typing import Any, TypeAlias

from tracer.escapes import escape_name
from tracer.from_torch.capture.container_snapshots import (
    EMPTY_CONTAINER,
    Snapshots,
    attribute_containers,
    container_changes,
    container_snapshot,
    watched_attributes,
)
from tracer.from_torch.capture.local_tensors import LocalTensors, Names
from tracer.from_torch.capture.op_recorder import OpRecorder
from tracer.from_torch.capture.source.code_names import NO_NAMES, CodeNames, names_in_code
from tracer.from_torch.capture.source.user_source import UserSource, import_path
from tracer.record import Line, Value

TraceFunction: TypeAlias = Any
"""What `sys.gettrace` returns: a trace function, or None."""


class FrameState:
    """One running function of the model, and its local variables before the current line."""

    def __init__(
        self, frame: FrameType, recorder: OpRecorder, code: CodeNames | None = None
    ) -> None:
        self.line: int | None = None
        self.slot = 0
        self.first_step = 0
        self.block = recorder.scope.call
        self._recorder = recorder
        self._code = code or names_in_code(frame.f_code)
        self._attributes = watched_attributes(self._code, frame.f_locals)
        self._tensors = LocalTensors(recorder.values)
        self._tensors.update(frame.f_locals)
        self.lists: Snapshots = {}
        self.lists = self._snapshots(frame.f_locals)

    def _snapshots(self, local: Mapping[str, Any]) -> Snapshots:
        lists: Snapshots = {}
        for name in self._tensors.containers:
            self._add_snapshot(name, local[name], lists)
        if self._attributes:
            owners = {id(snapshot.owner) for snapshot in lists.values()}
            for name, found in attribute_containers(self._attributes, local):
                if id(found) not in owners:  # a local variable has the same list
                    self._add_snapshot(name, found, lists)
        return lists

    def _add_snapshot(self, name: str, container: Any, lists: Snapshots) -> None:
        before = self.lists.get(name, EMPTY_CONTAINER)
        snapshot = container_snapshot(container, before, self._recorder.values)
        if snapshot is not None:
            lists[name] = snapshot

    def is_same_line(self, frame: FrameType) -> bool:
        """Whether a line event is of the current line: part of a comprehension, or after it."""
        inlined, offset = self._code.inlined, frame.f_lasti
        after = offset in inlined.after and frame.f_lineno == self.line
        return offset in inlined.inside or after

    def finish_line(self, frame: FrameType) -> Line | None:
        """Return what the line that just ran did, or None if it touched no tensor."""
        local, names = frame.f_locals, self._tensors.names
        bound = self._tensors.update(local)
        lists = self._snapshots(local)
        changes = [
            change
            for name, snapshot in lists.items()
            if snapshot is not self.lists.get(name)
            for change in container_changes(name, self.lists.get(name, EMPTY_CONTAINER), snapshot)
        ]
        last_step = len(self._recorder.operations)
        reads = self._reads(names, bound, lists, last_step) if self.lists else []
        self.lists = lists
        if self.line is None or not (bound or changes or last_step > self.first_step):
            return None
        code = frame.f_code
        return Line(
            self.block,
            escape_name(code.co_qualname),
            import_path(code.co_filename),
            self.line,
            self.first_step,
            last_step,
            tuple(bound),
            tuple(changes),
            tuple(reads),
        )

    def _reads(
        self,
        names: Names,
        bound: Sequence[tuple[str, Value]],
        after: Snapshots,
        last_step: int,
    ) -> list[tuple[str, Value]]:
        """What the line took from the containers that it names, and left in them.

        `names` are the variables before the line.

        It used a tensor if it gave it a name, or an operation of the line read it. What the line
        also names as a local variable need not be from the container.
        """
        named = self._code.by_line.get(self.line or 0, NO_NAMES)
        containers = [name for name in named if name in self.lists and self.lists[name].items]
        if not containers:
            return []
        used = {value.name for _, value in bound}
        for operation in self._recorder.operations[self.first_step : last_step]:
            used.update(value.name for value in operation.reads)
        if self._recorder.last_error is not None:  # the operation in which this line failed
            used.update(value.name for value in self._recorder.last_error.operands)
        used -= {names[name].name for name in named if name in names}
        left = {name: set(after.get(name, EMPTY_CONTAINER).items) for name in containers}
        return [
            (name, value)
            for name in sorted(containers)
            for item, value in self.lists[name].items
            if value.name in used and (item, value) in left[name]
        ]


class FrameTrace:
    """The trace function of one running function of the model.

    It holds neither the frame, which holds it, nor itself, as a closure that returns itself would:
    while the collector is paused, nothing would free them, and what they know of the variables.
    """

    __slots__ = ("_previous", "_state", "_tracer")

    def __init__(self, tracer: LineTracer, state: FrameState, previous: TraceFunction) -> None:
        self._tracer, self._state, self._previous = tracer, state, previous

    def __call__(self, frame: FrameType, event: str, arg: Any) -> TraceFunction:
        tracer, state = self._tracer, self._state
        if event != "exception" and not (event == "line" and state.is_same_line(frame)):
            tracer.end_line(state, frame)
            if event == "line":
                tracer.begin_line(state, frame)
            elif event == "return":
                state.lists = {}  # a traceback would hold the tensors in them
        if self._previous is not None:
            self._previous = tracer.call_previous(self._previous, frame, event, arg)
        return self


class LineTracer:
    """Collects the lines of a run, in the order in which they began."""

    def __init__(self, recorder: OpRecorder, source: UserSource) -> None:
        self._recorder = recorder
        self._source = source
        self._code_names: dict[int, tuple[CodeType, CodeNames | None]] = {}
        """The names in each function that was called, by its id; None for one that is not the
        model's. (Python computes the hash of a code object anew each time.)"""
        self._slots: list[Line | None] = []
        self._previous: TraceFunction = None

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines that touched a tensor."""
        return tuple(line for line in self._slots if line is not None)

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
        known = self._code_names.get(id(code))
        if known is None:
            is_own = code in self._source and not code.co_name.startswith("<")
            known = self._code_names[id(code)] = code, names_in_code(code) if is_own else None
        names = known[1]
        if names is None or self._recorder.inside_call:
            if frame.f_trace is not None:  # a generator that began before stays untraced
                frame.f_trace = None
            return None
        previous = self.call_previous(self._previous, frame, event, arg)
        return FrameTrace(self, FrameState(frame, self._recorder, names), previous)

    def call_previous(
        self, previous: TraceFunction, frame: FrameType, event: str, arg: Any
    ) -> TraceFunction:
        """Calls the trace function that was installed before; returns the one to call next."""
        if previous is None:
            return None
        following = previous(frame, event, arg)
        sys.settrace(self._trace_call)  # a trace function written in C installs itself when called
        return following

    def begin_line(self, state: FrameState, frame: FrameType) -> None:
        """Go on to the line that a function is about to run."""
        state.line = frame.f_lineno
        state.first_step = len(self._recorder.operations)
        state.slot = len(self._slots)
        self._slots.append(None)

    def end_line(self, state: FrameState, frame: FrameType) -> None:
        """Keep what the line did that a function has just run."""
        if state.line is not None:
            self._slots[state.slot] = state.finish_line(frame)


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
