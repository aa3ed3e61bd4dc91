"""What blocks did when they ran, so that an equal call need not run again.

A UNet calls many blocks that are equal but for their weights, and a process traces the same model
again. Without data an equal block does the same, if it is pure: what it does follows from the state
of the call. So a call of a block is recorded in a form that can be recorded again for another one,
and all functions that run in it are looked at.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Hashable, Mapping
from inspect import getattr_static
from typing import Final

import torch
from torch import nn

from tracer.from_torch.capture.global_modes import autocast_state
from tracer.from_torch.capture.memo.block_state import (
    BlockState,
    UnknownStateError,
    state_of,
    tensor_attributes,
)
from tracer.from_torch.capture.memo.block_store import BlockStore
from tracer.from_torch.capture.memo.run_position import RunParts, RunPosition
from tracer.from_torch.capture.memo.visit import Visit
from tracer.from_torch.capture.module_call import Call
from tracer.from_torch.capture.recorded_op import Arguments, Keywords
from tracer.from_torch.private_torch import functorch_level, has_any_global_hook, mode_count

MANY: Final = 3
"""So many equal blocks are compared from the first one on: fewer run as fast as that takes."""

TOOLS: Final = range(6)
"""The numbers of the tools that Python lets monitor what runs."""


class BlockMemo:
    """Knows, for one run of a model, which calls of blocks need not run.

    Args:
        modules: The modules of the model by path.
        run: The run.
        options: What its record holds.
    """

    _known = BlockStore()
    """The blocks that this process knows."""

    def __init__(self, modules: Mapping[str, nn.Module], run: RunParts, options: Hashable) -> None:
        tensor_attributes()  # before the modes of the run can see the tensor that it makes
        if BlockMemo._known.kinds.is_full:
            BlockMemo._known = BlockStore()
        self._blocks = BlockMemo._known
        self._kinds = self._blocks.kinds.of(modules)
        self._counts = Counter(self._kinds.values())
        self._earlier = self._blocks.kinds.known.intersection(self._counts)
        self._blocks.kinds.known.update(self._counts)
        self._run, self._options = run, options
        self._open: list[Visit] = []
        """The calls that run and are recorded for later ones, outermost first."""
        self._has_own_line: dict[type, bool] = {}
        self._modes = 0
        """How many modes of torch there are in a run by themselves; known at its first call."""

    def count_of(self, module: nn.Module) -> int:
        """Return how many modules of the model equal one; 0 if its calls are not looked at."""
        self._modes = self._modes or mode_count()
        kind = self._kinds.get(id(module), 0)
        count = self._counts[kind]
        if not (count > 1 or kind in self._earlier) or kind in self._blocks.impure:
            return 0
        if self._run.recorder.last_error or (self._open and count <= self._open[-1].count):
            return 0  # inside another one it runs again only where that does
        return 0 if self._is_observed() else count

    def _is_observed(self) -> bool:
        """Whether something that is in no module sees the call, and may do anything."""
        has_mode = mode_count() != self._modes or functorch_level() is not None
        return has_mode or has_any_global_hook()

    def visit(
        self, call: Call, module: nn.Module, args: Arguments, kwargs: Keywords
    ) -> Visit | None:
        """Return a call that was entered, if an equal one is known or may follow."""
        count = self.count_of(call.module)
        if not count:
            return None
        kind = self._kinds[id(call.module)]
        if count < MANY and not self._blocks.was_seen((kind, call.inputs, self._options)):
            return None  # it is worth comparing if it comes again
        try:
            state = state_of(module, args, kwargs)
        except UnknownStateError:
            self._blocks.impure.add(kind)
            return None
        if not self._has_own_weights(state):
            return None
        key, run = self._key(module, state), self._run
        known = self._blocks.get(key, kind)
        begin = RunPosition.of(run)
        return Visit(
            run,
            self._blocks,
            self._open,
            call,
            module,
            args,
            kwargs,
            state,
            key,
            kind,
            count,
            known,
            begin,
        )

    def _has_own_weights(self, state: BlockState) -> bool:
        """Whether no tensor that the run made is in the place of a weight."""
        values = self._run.recorder.values
        numbers = [id(one) for one in state.weights]
        return all(one in values.weights or one not in values.nodes for one in numbers)

    def _key(self, module: nn.Module, state: BlockState) -> Hashable:
        """All that the record of a call depends on, but for its guards."""
        recorder = self._run.recorder
        weights = recorder.values.weights
        return (
            state.key,
            tuple([id(one) in weights for one in state.inputs]),
            autocast_state(),
            torch.is_grad_enabled(),
            torch.is_inference_mode_enabled(),
            torch.get_default_dtype(),
            None if self._has_own_lines(module) else recorder.current_line(),
            self._options,
        )

    def _has_own_lines(self, module: nn.Module) -> bool:
        """Whether all operations in a call are on lines of a method of the module, or below it."""
        cls = type(module)
        is_own = self._has_own_line.get(cls)
        if is_own is None:
            code = getattr(getattr_static(cls, "forward", None), "__code__", None)
            calls = [one for one in cls.__mro__ if "__call__" in vars(one)]
            is_own = calls[:1] == [nn.Module] and code is not None and code in self._run.source
            self._has_own_line[cls] = is_own
        return is_own and "forward" not in vars(module)


def is_watched() -> bool:
    """Whether a debugger or a mode of torch sees what runs, before a run has any of its own."""
    if sys.gettrace() is not None or sys.getprofile() is not None or mode_count():
        return True
    monitoring = getattr(sys, "monitoring", None)  # new in Python 3.12
    return monitoring is not None and any(map(monitoring.get_tool, TOOLS))
