"""The lines of the model's own source, watched as they run: what each did to local variables.

Only functions written in the model's own files are watched, by `sys.settrace`. Whatever tracing
function was installed before (a debugger, a coverage tool) is put back afterwards.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

from torch import Tensor

from tracer.from_torch.recorder import Recorder
from tracer.from_torch.source import OwnSource, short
from tracer.record import Change, Line, Value

Item = tuple[int, Value]
"""A tensor in a list: its identity, which a change in place leaves alone, and its value now."""
Items = tuple[Item, ...]


class FrameWatch:
    """One running function of the model: what its local variables held at the last look."""

    def __init__(self, frame: FrameType, recorder: Recorder) -> None:
        self.line: int | None = None
        self.slot = 0
        self.first = 0
        self.block = recorder.scope.call
        self._recorder = recorder
        self.names, self.lists = self._look(frame)

    def _look(self, frame: FrameType) -> tuple[dict[str, Value], dict[str, Items]]:
        names: dict[str, Value] = {}
        lists: dict[str, Items] = {}
        get = self._recorder.values.get
        for name, item in frame.f_locals.items():
            if isinstance(item, Tensor):
                value = get(item)
                if value is not None:
                    names[name] = value
            elif type(item) in (list, tuple):
                items = [(id(element), value) for element in item if (value := get(element))]
                if len(items) == len(item):
                    lists[name] = tuple(items)
        return names, lists

    def line_done(self, frame: FrameType) -> Line | None:
        """What the line that just ran did, or None if it touched no tensor."""
        names, lists = self._look(frame)
        bound = [(name, value) for name, value in names.items() if self.names.get(name) != value]
        changes = [
            change
            for name, values in lists.items()
            for change in list_changes(name, self.lists.get(name, ()), values)
        ]
        self.names, self.lists = names, lists
        last = len(self._recorder.operations)
        if self.line is None or not (bound or changes or last > self.first):
            return None
        code = frame.f_code
        return Line(
            self.block,
            code.co_qualname,
            short(code.co_filename),
            self.line,
            self.first,
            last,
            tuple(bound),
            tuple(changes),
        )


def list_changes(name: str, before: Items, after: Items) -> Iterator[Change]:
    """What was taken off a list and put on it: at its end, unless its front explains more."""
    kept = _common(before, after)
    if _common(before[::-1], after[::-1]) > kept:
        kept = _common(before[::-1], after[::-1])
        before, after = before[::-1], after[::-1]
    depth = len(before)
    for _, value in reversed(before[kept:]):
        depth -= 1
        yield Change("pop", name, value, depth)
    for _, value in after[kept:]:
        depth += 1
        yield Change("push", name, value, depth)


def _common(one: Items, other: Items) -> int:
    count = 0
    for a, b in zip(one, other):  # noqa: B905 - the shorter one ends it
        if a[0] != b[0]:
            break
        count += 1
    return count


class LineWatch:
    """Collects the lines of a run, in the order in which they began."""

    def __init__(self, recorder: Recorder, source: OwnSource) -> None:
        self._recorder = recorder
        self._source = source
        self._own: dict[CodeType, bool] = {}
        self._slots: list[Line | None] = []

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(line for line in self._slots if line is not None)

    @contextmanager
    def watched(self) -> Iterator[None]:
        before = sys.gettrace()
        sys.settrace(self._call)
        try:
            yield
        finally:
            sys.settrace(before)

    def _call(self, frame: FrameType, event: str, arg: Any) -> Any:
        code = frame.f_code
        own = self._own.get(code)
        if own is None:
            own = self._own[code] = code in self._source and not code.co_name.startswith("<")
        if not own or self._recorder.asked:
            return None
        return self._frame(FrameWatch(frame, self._recorder))

    def _frame(self, watch: FrameWatch) -> Any:
        def trace(frame: FrameType, event: str, arg: Any) -> Any:
            if event != "exception":
                self._close(watch, frame)
                if event == "line":
                    self._open(watch, frame)
            return trace

        return trace

    def _open(self, watch: FrameWatch, frame: FrameType) -> None:
        watch.line = frame.f_lineno
        watch.first = len(self._recorder.operations)
        watch.slot = len(self._slots)
        self._slots.append(None)

    def _close(self, watch: FrameWatch, frame: FrameType) -> None:
        if watch.line is not None:
            self._slots[watch.slot] = watch.line_done(frame)
