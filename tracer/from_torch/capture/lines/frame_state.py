"""One running function of the model: its local variables, and what its lines did to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import FrameType
from typing import Any, Final

from tracer.escapes import escape_name
from tracer.from_torch.capture.lines.container_snapshots import (
    EMPTY_CONTAINER,
    Snapshots,
    attribute_containers,
    container_changes,
    container_snapshot,
    watched_attributes,
)
from tracer.from_torch.capture.lines.local_tensors import LocalTensors, Names
from tracer.from_torch.capture.lines.quiet_lines import QuietLines
from tracer.from_torch.capture.op_recorder import OpRecorder
from tracer.from_torch.capture.source.code_names import NO_NAMES, CodeNames
from tracer.from_torch.capture.source.line_stores import Store
from tracer.from_torch.capture.source.user_source import import_path
from tracer.record import Change, Line, Value

Bindings = Sequence[tuple[str, Value]]
Effect = tuple[Bindings, Sequence[Change], Bindings]
"""What a line bound, changed and read."""
NO_EFFECT: Final[Effect] = ((), (), ())


SharedData = dict[Any, Any]
"""The numbers and tuples in the lines of a run, by themselves: equal ones are one object."""


class FrameState:
    """One running function of the model, and its local variables before the current line.

    Attributes:
        number: The number of the call among those of the run.
        block: The call of the block that runs the function.
        slot: The place of the current line in the record; None before the first line.
        quiet: The lines since the last one that touched a tensor.
        has_raised: Whether an exception was raised in the current line.
        lists: The containers of the function.
    """

    def __init__(
        self,
        frame: FrameType,
        recorder: OpRecorder,
        code: CodeNames,
        shared: SharedData,
        number: int = 0,
    ) -> None:
        self.number = number
        self.slot: int | None = None
        self.quiet = QuietLines()
        self.has_raised = False
        self._recorder = recorder
        self._code = code
        self._function = escape_name(frame.f_code.co_qualname)
        self._file = import_path(frame.f_code.co_filename)
        self._shared = shared
        self._line = self._offset = self._first_step = self._calls = 0
        self._is_rest = False
        self._contained: set[str] = set()
        """The names of all values that a container held so far."""
        self._tensors = LocalTensors(recorder.values)
        self._small = self._tensors.small
        self.look_at_variables(frame)
        self._entry = tuple(self._tensors.names.items())

    def look_at_variables(self, frame: FrameType) -> None:
        """Look at all variables, where the function begins or goes on."""
        local = frame.f_locals
        self.block = self._recorder.scope.call
        self._attributes = watched_attributes(self._code, local)
        self._tensors.update(local)
        self.lists: Snapshots = {}
        self.lists = self._snapshots(local)

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
            if snapshot is not before:
                self._contained.update(value.name for _, value in snapshot.new)

    def is_same_line(self, frame: FrameType) -> bool:
        """Whether a line event is of the current line.

        It is part of a comprehension, or after it; or the line failed, and cleans up.
        """
        inlined = self._code.inlined
        if self.has_raised and frame.f_lineno == self._line:
            return True
        if not inlined.inside:
            return False
        offset = frame.f_lasti
        after = offset in inlined.after and frame.f_lineno == self._line
        return offset in inlined.inside or after

    def is_idle(self, calls: int) -> bool:
        """Whether the line that just ran can have changed nothing; if so, it is noted as quiet.

        It only read and branched, called no function of Python, and ran no operation.

        Args:
            calls: How many functions of Python were called so far.
        """
        is_idle = (
            calls == self._calls
            and self._line in self._code.idle
            and len(self._recorder.operations) == self._first_step
            and not (self.has_raised or self._is_rest)
        )
        if is_idle:
            self.quiet.add(self._line, self.slot or 0)
        return is_idle

    def begin_line(
        self, frame: FrameType, slot: int, calls: int = 0, *, is_rest: bool = False
    ) -> None:
        """Begin a line, or the rest of the line in which a generator had stopped.

        Args:
            frame: The function.
            slot: The place of the line in the record.
            calls: How many functions of Python were called so far.
            is_rest: Whether it is the rest of a line.
        """
        self.slot = slot
        self._calls = calls
        self.has_raised = False
        self._line = frame.f_lineno
        self._is_rest = is_rest
        self._offset = frame.f_lasti
        self._first_step = len(self._recorder.operations)

    def finish_line(self, frame: FrameType, *, is_left: bool = False) -> Line | None:
        """Return what the line that just ran did, or None if it touched no tensor.

        Args:
            frame: The function, at its next line.
            is_left: Whether it has none, because the function returned or stopped.
        """
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
        ahead = self._code.stores.get(self._offset)
        if ahead is not None and not self.has_raised:
            bound += self._bound_again(bound, ahead, frame.f_lasti, is_left)
        if not (bound or changes or last_step > self._first_step):
            if not self._is_rest:  # the beginning of that line was noted or recorded
                self.quiet.add(self._line, self.slot or 0)
            return None
        before = tuple(self.quiet.lines)
        line = self._record(local, self._line, before, (bound, changes, reads))
        self._small.show(line.sets)
        self._entry = ()
        if before:
            self.quiet = QuietLines()
        return line

    def final_line(self, frame: FrameType) -> Line:
        """Return a line without effect for the quiet lines at the end of the function.

        A generator may go on after it, so nothing is forgotten.
        """
        quiet = self.quiet
        return self._record(frame.f_locals, quiet.last, quiet.before_last, NO_EFFECT)

    def _record(
        self, local: Mapping[str, Any], line: int, before: tuple[int, ...], effect: Effect
    ) -> Line:
        shared = self._shared.setdefault
        last_step = len(self._recorder.operations)
        sets = self._small.unshown(local)
        bound, changes, reads = effect
        return Line(
            self.block,
            self._function,
            self._file,
            shared(line, line),
            shared(self._first_step, self._first_step),
            shared(last_step, last_step),
            tuple(bound),
            tuple(changes),
            tuple(reads),
            self.number,
            shared(before, before),
            shared(sets, sets),
            self._entry,
        )

    def _bound_again(
        self, bound: Bindings, ahead: Sequence[Store], end: int, is_left: bool
    ) -> list[tuple[str, Value]]:
        """What the line assigned, and was the value of the variable before.

        Args:
            bound: What it assigned beside that.
            ahead: The instructions with which it may have assigned something.
            end: Where the next line begins.
            is_left: Whether there is none.
        """
        names, found = self._tensors.names, []
        for store in ahead:
            value = names.get(store.name)
            item = store.name, value
            if value is None or item in bound or item in found:
                continue
            if store.has_run(self._offset, end, is_left=is_left):
                found.append((store.name, value))
        return found

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
        named = self._code.by_line.get(self._line, NO_NAMES)
        containers = [name for name, one in self.lists.items() if one.items and name in named]
        if not containers:
            return []
        used = {value.name for _, value in bound}
        for operation in self._recorder.operations[self._first_step : last_step]:
            used.update(value.name for value in operation.reads)
        if self._recorder.last_error is not None:  # the operation in which this line failed
            used.update(value.name for value in self._recorder.last_error.operands)
        used -= {names[name].name for name in named if name in names}
        if used.isdisjoint(self._contained):
            return []
        return [
            (name, item[1])
            for name in sorted(containers)
            for item in self.lists[name].items
            if item[1].name in used and item in after.get(name, EMPTY_CONTAINER).items
        ]
