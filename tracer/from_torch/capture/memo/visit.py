"""One call of a block: recorded as an equal one was, or run and recorded for later ones."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from torch import nn

from tracer.from_torch.capture.lines.line_tracer import TraceFunction
from tracer.from_torch.capture.memo.block_recording import CannotRepeatError, recorded_block
from tracer.from_torch.capture.memo.block_state import BlockState, UnknownStateError, state_of
from tracer.from_torch.capture.memo.block_store import BlockStore, KnownBlock
from tracer.from_torch.capture.memo.known_code import is_trusted
from tracer.from_torch.capture.memo.purity import ImpureError, RanFunction, UnseenError, guards_of
from tracer.from_torch.capture.memo.repetition import NewCall, repeat
from tracer.from_torch.capture.memo.run_position import RunParts, RunPosition
from tracer.from_torch.capture.memo.watched import appearance
from tracer.from_torch.capture.module_call import Call
from tracer.from_torch.capture.recorded_op import Arguments, Keywords
from tracer.from_torch.capture.results.cached_result import UncacheableError
from tracer.from_torch.private_torch import DisableTorchFunction


@dataclass(slots=True, eq=False)
class Visit:
    """A call of a block that has been entered.

    Attributes:
        open: The calls that run and are recorded for later ones, outermost first.
        kind: The kind of the block.
        count: How many blocks of this kind there are.
        known: What an equal call did; None if no such call is known.
        nodes: The nodes of the arguments before the call.
        ran: The functions that ran in the call.
        before: How what is watched looked before the call.
    """

    run: RunParts
    blocks: BlockStore
    open: list[Visit]
    call: Call
    module: nn.Module
    args: Arguments
    kwargs: Keywords
    state: BlockState
    key: Hashable
    kind: int
    count: int
    known: KnownBlock | None
    begin: RunPosition
    nodes: list[Any] = field(default_factory=list)
    ran: dict[int, RanFunction] = field(default_factory=dict)
    before: dict[int, Hashable] = field(default_factory=dict)

    def repeat(self, new_call: NewCall) -> Any:
        """Record what an equal call did, which is known, and return the result of this one."""
        known = self.known
        assert known is not None
        if self.open:
            self.open[-1].ran.update(known.ran)
        with DisableTorchFunction():
            return repeat(known.block, self.call, self.state, self.run, new_call)

    def observed(self, line_trace: TraceFunction) -> TraceFunction:
        """Observe what runs in the call from now on, and return the trace function for that."""
        recorder = self.run.recorder
        recorder.values.logs_events = True
        recorder.observe_code = self._observe
        self.nodes = self._input_nodes()
        watched = self.blocks.watched.items()
        self.before = {number: appearance(item) for number, item in watched}
        self.open.append(self)
        return self._watch if line_trace is None else line_trace

    def _watch(self, frame: FrameType, event: str, arg: Any) -> None:
        self._observe(frame)

    def _observe(self, frame: FrameType) -> None:
        code, ran = frame.f_code, self.open[-1].ran
        if id(code) not in ran and not is_trusted(frame):
            ran[id(code)] = RanFunction(code, frame.f_globals)

    def add(self, result: Any) -> None:
        """Keep what the call did, which has ended, if it is pure."""
        try:
            with DisableTorchFunction():
                known = self._known(result)
            self.blocks.add(self.key, known)
        except UnseenError as error:
            self.blocks.watched.update((id(item), item) for item in error.items)
        except (CannotRepeatError, ImpureError, UncacheableError, UnknownStateError):
            self.blocks.impure.add(self.kind)

    def _known(self, result: Any) -> KnownBlock:
        if self.nodes != self._input_nodes():
            raise CannotRepeatError
        guards = guards_of(self.ran.values(), self.state, self.before)
        block = recorded_block(self.run, self.call, self.state, self.begin, result)
        if not state_of(self.module, self.args, self.kwargs).is_same_as(self.state):
            raise CannotRepeatError
        return KnownBlock(block, self.ran, guards)

    def _input_nodes(self) -> list[Any]:
        nodes = self.run.recorder.values.nodes
        return [nodes[id(one)] for one in self.state.inputs]

    def close(self) -> None:
        """Stop observing the call."""
        if self not in self.open:
            return
        self.open.remove(self)
        if self.open:
            self.open[-1].ran.update(self.ran)
            return
        recorder = self.run.recorder
        recorder.values.logs_events = False
        recorder.values.events.clear()
        recorder.observe_code = None
