"""The lines of the model's own source, watched as they run: what each did to local variables.

Only functions written in the model's own files are watched, by `sys.settrace`. Whatever tracing
function was installed before (a debugger, a coverage tool) sees these functions too, and is put
back afterwards.
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
from typing import Any

from torch import Tensor

from tracer.from_torch.capture.op_recorder import OpRecorder
from tracer.from_torch.capture.user_source import UserSource, short
from tracer.record import Change, Line, Value

Item = tuple[int, Value]
"""A tensor in a list: its identity, which a change in place leaves alone, and its value now."""
Items = tuple[Item, ...]

LISTS = (list, tuple, deque)


@dataclass(frozen=True, slots=True)
class ListSnapshot:
    """What a local list held at one look. `owner` is the list itself, to tell it from another.

    `elements` are what it held, and `renewed` how many tensors had got another value by then; as
    long as both are the same, so are the items. A list inside a list may change unseen.
    """

    owner: Any
    items: Items
    elements: tuple[Any, ...] = ()
    renewed: int = -1

    def known(self, local: Any, renewed: int) -> int:
        """How many elements of a list, from the first on, need not be looked at again.

        A list grows and shrinks at its end, so it is all that both have, or none.
        """
        if local is not self.owner or renewed != self.renewed:
            return 0
        return min(len(self.elements), len(local)) if all(map(is_, self.elements, local)) else 0


NOTHING = ListSnapshot(None, ())


class FrameState:
    """One running function of the model: what its local variables held at the last look."""

    def __init__(self, frame: FrameType, recorder: OpRecorder) -> None:
        self.line: int | None = None
        self.slot = 0
        self.first = 0
        self.block = recorder.scope.call
        self._recorder = recorder
        self.lists: dict[str, ListSnapshot] = {}
        self.names, self.lists = self._look(frame)

    def _look(self, frame: FrameType) -> tuple[dict[str, Value], dict[str, ListSnapshot]]:
        names: dict[str, Value] = {}
        lists: dict[str, ListSnapshot] = {}
        for name, local in frame.f_locals.items():
            if isinstance(local, Tensor):
                value = self._recorder.values.get(local)
                if value is not None:
                    names[name] = value
            elif type(local) in LISTS:
                held = self._held(local, self.lists.get(name, NOTHING))
                if len(held.items) == len(local):
                    lists[name] = held
        return names, lists

    def _held(self, local: Any, before: ListSnapshot) -> ListSnapshot:
        """What a list holds now; what was there before in a long one is not gone through again."""
        renewed = self._recorder.values.renewed
        known = before.known(local, renewed)
        if known == len(local) == len(before.elements):
            return before
        elements = tuple(local)
        new = elements[known:]
        items = before.items[:known] + tuple(filter(None, map(self._item, new)))
        fixed = not any(isinstance(element, list) for element in new)
        return ListSnapshot(local, items, elements, renewed if fixed else -1)

    def _item(self, element: Any) -> Item | None:
        """An element of a list: a tensor, or a tuple of one tensor and what belongs to it."""
        tensors = [element] if isinstance(element, Tensor) else []
        if isinstance(element, (tuple, list)):
            tensors = [part for part in element if isinstance(part, Tensor)]
        value = self._recorder.values.get(tensors[0]) if len(tensors) == 1 else None
        return None if value is None else (id(tensors[0]), value)

    def line_done(self, frame: FrameType) -> Line | None:
        """What the line that just ran did, or None if it touched no tensor."""
        names, lists = self._look(frame)
        bound = [(name, value) for name, value in names.items() if self.names.get(name) != value]
        changes = [
            change
            for name, held in lists.items()
            if held is not self.lists.get(name)
            for change in list_changes(name, self.lists.get(name, NOTHING), held)
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


def list_changes(name: str, before: ListSnapshot, after: ListSnapshot) -> Iterator[Change]:
    """What was taken off a list and put on it. Another list under the same name did neither."""
    old, new = before.items, after.items
    start = _common(old, new)
    end = _common(old[start:][::-1], new[start:][::-1])
    if old and new and start + end == 0 and before.owner is not after.owner:
        return
    depth = len(old)
    for _, value in reversed(old[start : len(old) - end]):
        depth -= 1
        yield Change("pop", name, value, depth)
    for _, value in new[start : len(new) - end]:
        depth += 1
        yield Change("push", name, value, depth)


def _common(one: Items, other: Items) -> int:
    """How many items two lists begin with alike."""
    shorter = min(len(one), len(other))
    if one[:shorter] == other[:shorter]:
        return shorter
    count = 0
    for a, b in zip(one, other, strict=False):
        if a[0] != b[0]:
            break
        count += 1
    return count


class LineTracer:
    """Collects the lines of a run, in the order in which they began."""

    def __init__(self, recorder: OpRecorder, source: UserSource) -> None:
        self._recorder = recorder
        self._source = source
        self._own: dict[CodeType, bool] = {}
        self._slots: list[Line | None] = []
        self._before: Any = None

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(line for line in self._slots if line is not None)

    @contextmanager
    def watched(self) -> Iterator[None]:
        self._before = sys.gettrace()
        sys.settrace(None)
        for frame in _managers(sys._getframe()):
            self._end(frame)
        sys.settrace(self._call)
        try:
            yield
        finally:
            sys.settrace(None)
            for frame in reversed(_managers(sys._getframe())):
                self._begin(frame)
            sys.settrace(self._before)

    def _end(self, frame: FrameType) -> None:
        """Tell who traced before that a context manager was left: it will be, out of its sight.

        A tool that counts calls and returns, as one for coverage does, would from then on take the
        lines of a function for those of another.
        """
        if self._before is not None:
            self._before(frame, "return", None)
            frame.f_trace = None

    def _begin(self, frame: FrameType) -> None:
        """Tell who traced before of a context manager that it will see the end of."""
        if self._before is not None:
            # one written in C installs itself when it is called
            found, _ = self._before(frame, "call", None), sys.settrace(None)  # type: ignore[func-returns-value]
            frame.f_trace = found

    def _call(self, frame: FrameType, event: str, arg: Any) -> Any:
        code = frame.f_code
        own = self._own.get(code)
        if own is None:
            own = self._own[code] = code in self._source and not code.co_name.startswith("<")
        if not own or self._recorder.asked:
            if frame.f_trace is not None:  # a generator that began before: it ends unseen, too
                frame.f_trace = None
            return None
        other = self._passed_on(self._before, frame, event, arg)
        return self._frame(FrameState(frame, self._recorder), other)

    def _frame(self, watch: FrameState, other: Any) -> Any:
        def trace(frame: FrameType, event: str, arg: Any) -> Any:
            nonlocal other
            if event != "exception":
                self._close(watch, frame)
                if event == "line":
                    self._open(watch, frame)
            other = self._passed_on(other, frame, event, arg)
            return trace

        return trace

    def _passed_on(self, other: Any, frame: FrameType, event: str, arg: Any) -> Any:
        """Let the tracing function that was installed before see it; returns the next to ask."""
        if other is None:
            return None
        found = other(frame, event, arg)
        sys.settrace(self._call)  # one that is written in C installs itself when it is called
        return found

    def _open(self, watch: FrameState, frame: FrameType) -> None:
        watch.line = frame.f_lineno
        watch.first = len(self._recorder.operations)
        watch.slot = len(self._slots)
        self._slots.append(None)

    def _close(self, watch: FrameState, frame: FrameType) -> None:
        if watch.line is not None:
            self._slots[watch.slot] = watch.line_done(frame)


def _managers(frame: FrameType | None) -> list[FrameType]:
    """The frames of the context managers that are being entered or left, the innermost first."""
    found = []
    while frame is not None and _is_manager(frame):
        found.append(frame)
        frame = frame.f_back
    return found


def _is_manager(frame: FrameType) -> bool:
    generator = bool(frame.f_code.co_flags & CO_GENERATOR)
    return generator or frame.f_globals.get("__name__") == "contextlib"
