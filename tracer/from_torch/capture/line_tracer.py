"""Traces the lines of the model's own source: what each one did to the local variables.

Only functions in the model's own files are traced, with `sys.settrace`. A trace function that was
installed before (by a debugger or a coverage tool) keeps seeing these functions, and is restored
afterwards.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import CO_GENERATOR
from operator import is_
from types import CodeType, FrameType
from typing import Any, TypeAlias

from torch import Tensor

from tracer.from_torch.capture.op_recorder import OpRecorder
from tracer.from_torch.capture.user_source import UserSource, import_path
from tracer.record import Change, Line, Value

ListItem = tuple[int, Value]
"""A tensor in a list: its id, which a change in place does not affect, and its value now."""
ListItems = tuple[ListItem, ...]

TraceFunction: TypeAlias = Any
"""What `sys.gettrace` returns: a trace function, or None."""

LIST_TYPES = (list, tuple, deque)


@dataclass(frozen=True, slots=True)
class ListSnapshot:
    """What a local list held after one line.

    `owner` is the list itself, and `elements` what it held. `revision` is how many tensors had got
    another value by then: while it and the elements are unchanged, so are the items. It is -1 where
    an element is a list, whose changes cannot be seen that way.
    """

    owner: Any
    items: ListItems
    elements: tuple[Any, ...] = ()
    revision: int = -1

    def common_length(self, elements: Any, revision: int) -> int:
        """Return how many of the first elements of a list are known to be unchanged.

        Lists grow and shrink at their end, so that is the shorter length, or 0.
        """
        if elements is not self.owner or revision != self.revision:
            return 0
        unchanged = all(map(is_, self.elements, elements))
        return min(len(self.elements), len(elements)) if unchanged else 0


EMPTY_LIST = ListSnapshot(None, ())


class FrameState:
    """One running function of the model, and its local variables before the current line."""

    def __init__(self, frame: FrameType, recorder: OpRecorder) -> None:
        self.line: int | None = None
        self.slot = 0
        self.first_step = 0
        self.block = recorder.scope.call
        self._recorder = recorder
        self.lists: dict[str, ListSnapshot] = {}
        self.names, self.lists = self._locals(frame)

    def _locals(self, frame: FrameType) -> tuple[dict[str, Value], dict[str, ListSnapshot]]:
        names: dict[str, Value] = {}
        lists: dict[str, ListSnapshot] = {}
        for name, local in frame.f_locals.items():
            if isinstance(local, Tensor):
                value = self._recorder.values.peek(local)
                if value is not None:
                    names[name] = value
            elif type(local) in LIST_TYPES:
                snapshot = self._snapshot(local, self.lists.get(name, EMPTY_LIST))
                if len(snapshot.items) == len(local):
                    lists[name] = snapshot
        return names, lists

    def _snapshot(self, local: Any, before: ListSnapshot) -> ListSnapshot:
        """A snapshot of a list that reuses the unchanged start of the one before."""
        revision = self._recorder.values.revision
        common = before.common_length(local, revision)
        if common == len(local) == len(before.elements):
            return before
        elements = tuple(local)
        new = elements[common:]
        items = before.items[:common] + tuple(filter(None, map(self._item, new)))
        has_lists = any(isinstance(element, list) for element in new)
        return ListSnapshot(local, items, elements, -1 if has_lists else revision)

    def _item(self, element: Any) -> ListItem | None:
        """An element of a list: a tensor, or a tuple of one tensor and plain values."""
        tensors = [element] if isinstance(element, Tensor) else []
        if isinstance(element, (tuple, list)):
            tensors = [part for part in element if isinstance(part, Tensor)]
        value = self._recorder.values.peek(tensors[0]) if len(tensors) == 1 else None
        return None if value is None else (id(tensors[0]), value)

    def finish_line(self, frame: FrameType) -> Line | None:
        """Return what the line that just ran did, or None if it touched no tensor."""
        names, lists = self._locals(frame)
        bound = [(name, value) for name, value in names.items() if self.names.get(name) != value]
        changes = [
            change
            for name, snapshot in lists.items()
            if snapshot is not self.lists.get(name)
            for change in list_changes(name, self.lists.get(name, EMPTY_LIST), snapshot)
        ]
        self.names, self.lists = names, lists
        last_step = len(self._recorder.operations)
        if self.line is None or not (bound or changes or last_step > self.first_step):
            return None
        code = frame.f_code
        return Line(
            self.block,
            code.co_qualname,
            import_path(code.co_filename),
            self.line,
            self.first_step,
            last_step,
            tuple(bound),
            tuple(changes),
        )


def list_changes(name: str, before: ListSnapshot, after: ListSnapshot) -> Iterator[Change]:
    """Yield the pops and pushes that lead from one snapshot of a list to the next.

    Another list under the same name that shares no items with the first was assigned, not changed.
    """
    old, new = before.items, after.items
    start = _common_prefix(old, new)
    end = _common_prefix(old[start:][::-1], new[start:][::-1])
    if old and new and start + end == 0 and before.owner is not after.owner:
        return
    depth = len(old)
    for _, value in reversed(old[start : len(old) - end]):
        depth -= 1
        yield Change("pop", name, value, depth)
    for _, value in new[start : len(new) - end]:
        depth += 1
        yield Change("push", name, value, depth)


def _common_prefix(one: ListItems, other: ListItems) -> int:
    """How many items at the start of two lists are the same tensors."""
    shorter = min(len(one), len(other))
    if one[:shorter] == other[:shorter]:
        return shorter
    length = 0
    for (one_id, _), (other_id, _) in zip(one, other, strict=False):
        if one_id != other_id:
            break
        length += 1
    return length


class LineTracer:
    """Collects the lines of a run, in the order in which they began."""

    def __init__(self, recorder: OpRecorder, source: UserSource) -> None:
        self._recorder = recorder
        self._source = source
        self._is_own: dict[CodeType, bool] = {}
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
        for frame in _manager_frames(sys._getframe()):
            self._report_return(frame)
        sys.settrace(self._trace_call)
        try:
            yield
        finally:
            sys.settrace(None)
            for frame in reversed(_manager_frames(sys._getframe())):
                self._report_call(frame)
            sys.settrace(self._previous)

    def _report_return(self, frame: FrameType) -> None:
        """Reports to the previous trace function that a context manager's frame has returned.

        It returns while that function is not installed. A tool that counts calls and returns, such
        as one for coverage, would from then on attribute the lines of one function to another.
        """
        if self._previous is not None:
            self._previous(frame, "return", None)
            frame.f_trace = None

    def _report_call(self, frame: FrameType) -> None:
        """Reports to the previous trace function a frame whose return it will see."""
        if self._previous is not None:
            # A trace function written in C installs itself when called, and would see a next line.
            local_trace, _ = self._previous(frame, "call", None), sys.settrace(None)  # type: ignore[func-returns-value]
            frame.f_trace = local_trace

    def _trace_call(self, frame: FrameType, event: str, arg: Any) -> TraceFunction:
        code = frame.f_code
        is_own = self._is_own.get(code)
        if is_own is None:
            is_own = code in self._source and not code.co_name.startswith("<")
            self._is_own[code] = is_own
        if not is_own or self._recorder.inside_call:
            if frame.f_trace is not None:  # a generator that began before stays untraced
                frame.f_trace = None
            return None
        previous = self._call_previous(self._previous, frame, event, arg)
        return self._line_trace(FrameState(frame, self._recorder), previous)

    def _line_trace(self, state: FrameState, previous: TraceFunction) -> TraceFunction:
        def trace(frame: FrameType, event: str, arg: Any) -> TraceFunction:
            nonlocal previous
            if event != "exception":
                self._end_line(state, frame)
                if event == "line":
                    self._begin_line(state, frame)
                elif event == "return":
                    state.lists = {}  # this function refers to itself, and would hold the tensors
            previous = self._call_previous(previous, frame, event, arg)
            return trace

        return trace

    def _call_previous(
        self, previous: TraceFunction, frame: FrameType, event: str, arg: Any
    ) -> TraceFunction:
        """Calls the trace function that was installed before; returns the one to call next."""
        if previous is None:
            return None
        following = previous(frame, event, arg)
        sys.settrace(self._trace_call)  # a trace function written in C installs itself when called
        return following

    def _begin_line(self, state: FrameState, frame: FrameType) -> None:
        state.line = frame.f_lineno
        state.first_step = len(self._recorder.operations)
        state.slot = len(self._slots)
        self._slots.append(None)

    def _end_line(self, state: FrameState, frame: FrameType) -> None:
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
