"""What blocks did when they ran, so that an equal call need not run again.

A UNet calls many blocks that are equal but for their weights, and a process traces the same model
again. Without data an equal block does the same, if it is pure: what it does follows from the state
of the call. So a call of a block is recorded in a form that can be recorded again for another one,
and all functions that run in it are looked at.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

import torch
from torch import nn

from tracer.from_torch.capture.global_modes import autocast_state
from tracer.from_torch.capture.isolation.module_shadow import ModuleShadow
from tracer.from_torch.capture.lines.line_tracer import LineTracer
from tracer.from_torch.capture.memo.block_kinds import BlockKinds
from tracer.from_torch.capture.memo.block_recording import CannotRepeatError, recorded_block
from tracer.from_torch.capture.memo.block_state import BlockState, UnknownStateError, state_of
from tracer.from_torch.capture.memo.guards import Guard
from tracer.from_torch.capture.memo.known_code import is_trusted
from tracer.from_torch.capture.memo.purity import Globals, ImpureError, UnseenError, guards_of
from tracer.from_torch.capture.memo.recorded_block import RecordedBlock
from tracer.from_torch.capture.memo.repeat import repeat
from tracer.from_torch.capture.memo.run_position import RunPosition
from tracer.from_torch.capture.memo.watched import WatchedObject, appearance
from tracer.from_torch.capture.module_call import Call
from tracer.from_torch.capture.op_recorder import OpRecorder
from tracer.from_torch.capture.recorded_op import Arguments, Keywords
from tracer.from_torch.capture.results.cached_result import UncacheableError
from tracer.from_torch.capture.tensor_source import FakeTensors
from tracer.from_torch.private_torch import mode_count

NewCall = Callable[[nn.Module, Call | None], Call]


@dataclass(frozen=True, slots=True)
class KnownBlock:
    """What a call did, the functions that ran in it, and what has to hold for another one."""

    block: RecordedBlock
    ran: dict[int, Globals]
    guards: tuple[Guard, ...]


class KnownBlocks:
    """The blocks that a process knows."""

    LIMIT = 20_000
    """The most operations that are held: about 20 MB."""

    def __init__(self) -> None:
        self.kinds = BlockKinds()
        self.impure: set[int] = set()
        """The kinds of blocks that cannot be recorded again."""
        self.watched: dict[int, WatchedObject] = {}
        """What is looked at before a block runs, by its id."""
        self._blocks: dict[Hashable, KnownBlock] = {}
        self._size = 0

    def get(self, key: Hashable) -> KnownBlock | None:
        """Return what an equal call did, if all that it depended on is still the same."""
        known = self._blocks.get(key)
        if known is None or not all([guard.holds() for guard in known.guards]):
            return None
        return known

    def add(self, key: Hashable, known: KnownBlock) -> None:
        """Add what a call did."""
        self._size += len(known.block.operations)
        self._blocks[key] = known

    def limit(self) -> None:
        """Forget everything if it is too much, before a run."""
        if self._size > self.LIMIT or self.kinds.is_full:
            self.__init__()  # type: ignore[misc]


KNOWN_BLOCKS = KnownBlocks()
"""The blocks that this process knows."""


@dataclass(slots=True)
class Visit:
    """A call of a block that equals an earlier call, or that a later one may equal."""

    call: Call
    module: nn.Module
    args: Arguments
    kwargs: Keywords
    state: BlockState
    key: Hashable
    count: int
    """How many modules are equal to it."""
    known: KnownBlock | None
    """What an equal call did."""
    begin: RunPosition
    nodes: list[Any]
    """The nodes of its arguments."""
    ran: dict[int, Globals] = field(default_factory=dict)
    """The functions that ran."""
    before: dict[int, Hashable] = field(default_factory=dict)
    """How what is watched looked before."""


class BlockMemo:
    """Records the calls of one run so that they can be recorded again, and does that.

    Args:
        modules: The modules of the model by path.
        shadow: Their copies.
        recorder: The operations of the run.
        fakes: Makes the tensors of the run.
        line_tracer: The lines of the run, if they are recorded.
        options: What else the record of a run holds.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what a run consists of
        self,
        modules: Mapping[str, nn.Module],
        shadow: ModuleShadow,
        recorder: OpRecorder,
        fakes: FakeTensors,
        line_tracer: LineTracer | None,
        options: Hashable,
    ) -> None:
        KNOWN_BLOCKS.limit()
        self._recorder, self._fakes, self._lines = recorder, fakes, line_tracer
        self._shadow, self._options = shadow, options
        self._kinds = KNOWN_BLOCKS.kinds.of(modules)
        self._open: list[Visit] = []

    def count_of(self, module: nn.Module) -> int:
        """Return how many modules equal one of the model; 0 if its calls are not looked at."""
        kind = self._kinds.get(id(module), 0)
        count = KNOWN_BLOCKS.kinds.counts[kind]
        if count < 2 or kind in KNOWN_BLOCKS.impure or self._recorder.last_error is not None:
            return 0
        if self._open and count <= self._open[-1].count:
            return 0  # it runs again only where the block around it does
        return count

    def visit(
        self, call: Call, module: nn.Module, args: Arguments, kwargs: Keywords
    ) -> Visit | None:
        """Return a call that was entered, if an equal one is known or may follow."""
        count = self.count_of(call.module)
        if not count:
            return None
        try:
            state = state_of(module, args, kwargs)
        except UnknownStateError:
            KNOWN_BLOCKS.impure.add(self._kinds[id(call.module)])
            return None
        key = self._key(state)
        begin = RunPosition.of(self._recorder, self._lines)
        known = KNOWN_BLOCKS.get(key)
        return Visit(
            call, module, args, kwargs, state, key, count, known, begin, self._nodes(state)
        )

    def _key(self, state: BlockState) -> Hashable:
        """All that the record of a call depends on, but for its guards."""
        weights = self._recorder.values.weights
        return (
            state.key,
            tuple([id(one) in weights for one in state.inputs]),
            mode_count(),
            autocast_state(),
            torch.get_default_dtype(),
            self._recorder.current_line(),
            self._options,
        )

    def _nodes(self, state: BlockState) -> list[Any]:
        return [self._recorder.values.nodes[id(one)] for one in state.inputs]

    def repeat(self, visit: Visit, new_call: NewCall) -> Any:
        """Record a call whose equal is known, and return its result."""
        known, lines = visit.known, self._lines
        assert known is not None
        if self._open:
            self._open[-1].ran.update(known.ran)
        state, recorder = visit.state, self._recorder
        return repeat(known.block, visit.call, state, recorder, lines, self._fakes, new_call)

    def begin(self, visit: Visit, line_trace: Any) -> Any:
        """Observe what runs in a call from now on, and return the trace function for that."""
        self._recorder.values.logs_events = True
        self._recorder.observe_code = self._observe
        watched = KNOWN_BLOCKS.watched.items()
        visit.before = {number: appearance(one) for number, one in watched}
        self._open.append(visit)
        return line_trace or self._watch

    def _watch(self, frame: FrameType, event: str, arg: Any) -> None:
        self._observe(frame)

    def _observe(self, frame: FrameType) -> None:
        code, ran = frame.f_code, self._open[-1].ran
        if id(code) not in ran and not is_trusted(frame):
            ran[id(code)] = Globals(code, frame.f_globals)

    def add(self, visit: Visit, result: Any) -> None:
        """Keep what a call did that has ended, if it is pure."""
        try:
            known = self._known(visit, result)
        except UnseenError as error:
            KNOWN_BLOCKS.watched.update((id(one), one) for one in error.items)
        except (CannotRepeatError, ImpureError, UncacheableError, UnknownStateError):
            KNOWN_BLOCKS.impure.add(self._kinds[id(visit.call.module)])
        else:
            KNOWN_BLOCKS.add(visit.key, known)

    def _known(self, visit: Visit, result: Any) -> KnownBlock:
        state = visit.state
        if visit.nodes != self._nodes(state):
            raise CannotRepeatError
        guards = guards_of(visit.ran.values(), state, visit.before)
        block = recorded_block(
            state,
            visit.call,
            result,
            visit.begin,
            self._recorder,
            self._lines,
            self._shadow.original,
        )
        if state_of(visit.module, visit.args, visit.kwargs).key != state.key:
            raise CannotRepeatError
        return KnownBlock(block, visit.ran, guards)

    def close(self, visit: Visit) -> None:
        """Stop observing a call."""
        if visit not in self._open[-1:]:
            return
        self._open.pop()
        if self._open:
            self._open[-1].ran.update(visit.ran)
            return
        values = self._recorder.values
        values.logs_events = False
        values.events.clear()
        self._recorder.observe_code = None


def is_watched() -> bool:
    """Whether a debugger or another tool sees the functions and lines that run."""
    if sys.gettrace() is not None or sys.getprofile() is not None:
        return True
    monitoring = getattr(sys, "monitoring", None)  # new in Python 3.12
    return monitoring is not None and any(map(monitoring.get_tool, range(6)))
