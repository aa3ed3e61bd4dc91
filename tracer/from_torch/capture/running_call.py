"""What happens around each call of a module: it is recorded, or only its result is looked at."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import Any

from torch import nn

from tracer.from_torch.capture.lazy_results import LAZY_TYPES, observed
from tracer.from_torch.capture.lines.plain_layers import may_run_own_code
from tracer.from_torch.capture.memo.block_memo import BlockMemo
from tracer.from_torch.capture.memo.visit import Visit
from tracer.from_torch.capture.module_call import Call
from tracer.from_torch.capture.module_calls import CallTree
from tracer.from_torch.capture.pytree import PyTree, operands
from tracer.from_torch.capture.recorded_op import Arguments, Keywords


class _VisitedCall:
    """A call that need not run if the memo knows an equal one."""

    __slots__ = ("_tree", "_visit")

    _tree: CallTree
    _visit: Visit | None

    @property
    def is_known(self) -> bool:
        """Whether an equal call was recorded."""
        return self._visit is not None and self._visit.known is not None

    def repeated(self) -> Any:
        """Record what an equal call did."""
        assert self._visit is not None
        return self._visit.repeat(self._tree.new_call)


class RunningCall(_VisitedCall):
    """A recorded call. Lines are traced during it only if code of the model may run in it."""

    __slots__ = ("_call", "_custom_call", "_is_traced", "_line_trace", "_module", "_scope")

    def __init__(
        self, tree: CallTree, module: nn.Module, args: Arguments, kwargs: Keywords, is_custom: bool
    ) -> None:
        """Begin the call."""
        self._line_trace = _line_trace_paused()
        self._tree, self._module = tree, module
        self._scope, self._custom_call = tree.recorder.scope, tree.custom_call
        self._call = tree.enter(module, args, kwargs)
        tree.custom_call = module if is_custom else None
        self._visit = (
            None if tree.memo is None else tree.memo.visit(self._call, module, args, kwargs)
        )
        self._is_traced = False
        if self.is_known:
            return
        trace = self._line_trace
        if self._visit is not None:
            trace = self._visit.observed(trace)
        if trace is not None and may_run_own_code(module, args, kwargs, tree.modes):
            self._is_traced = True
            sys.settrace(trace)

    @property
    def name(self) -> str:
        """The name of the call."""
        return self._call.call

    def returned(self, result: PyTree) -> Any:
        """Record what the call returned, and return it; what runs on later belongs to the call."""
        if self._is_traced:
            trace = _line_trace_paused()
            self._line_trace = self._line_trace and trace
        if isinstance(result, LAZY_TYPES):
            result = self._tree.observed(self._module, self._call, result)
        self._call.outputs = self._tree.values(result)
        if self._visit is not None:
            self._call.last = len(self._tree.recorder.operations)
            self._visit.add(result)
        return result

    def end(self) -> None:
        """End the call; lines are traced as before it."""
        self._tree.leave(self._call, self._scope)
        self._tree.custom_call = self._custom_call
        if self._visit is not None:
            self._visit.close()
        sys.settrace(self._line_trace)


class UnrecordedCall(_VisitedCall):
    """A call that is not recorded, which is faster."""

    __slots__ = ("_line_trace", "_module")

    def __init__(
        self, tree: CallTree, module: nn.Module, args: Arguments, kwargs: Keywords, _: bool
    ) -> None:
        """Begin the call."""
        self._tree, self._module = tree, module
        self._line_trace: Any = None
        self._visit = None
        if tree.memo is None:
            return
        self._line_trace = trace = _line_trace_paused()
        if tree.memo.count_of(tree.shadow.original(module)):
            self._visit = self._visit_of(tree.memo, args, kwargs)
        if self._visit is not None and not self.is_known:
            trace = self._visit.observed(trace)
        if not self.is_known:
            sys.settrace(trace)

    def _visit_of(self, memo: BlockMemo, args: Arguments, kwargs: Keywords) -> Visit | None:
        tree, recorder = self._tree, self._tree.recorder
        if not all(map(recorder.values.is_current, operands(args, kwargs))):
            return None  # such a value is made where it is read
        inputs = tree.values(*args, *kwargs.values())
        original = tree.shadow.original(self._module)
        call = Call("", "", original, inputs, len(recorder.operations))
        return memo.visit(call, self._module, args, kwargs)

    @property
    def name(self) -> str:
        """The path of the module."""
        return self._tree.path_of(self._module)

    def returned(self, result: PyTree) -> Any:
        """Look at the tensors that the call returned, and return them."""
        if self._tree.memo is not None:
            sys.settrace(None)
        values = self._tree.values
        values(result)
        if self._visit is not None:
            self._visit.add(result)
        return observed(result, nullcontext, values) if isinstance(result, LAZY_TYPES) else result

    def end(self) -> None:
        """End the call; what observes functions goes on as before it."""
        if self._visit is not None:
            self._visit.close()
        if self._tree.memo is not None:
            sys.settrace(self._line_trace)


def _line_trace_paused() -> Any:
    """Stop the tracing of lines, and return what goes on with it: it is for the model's own code.

    The function is read each time, because a debugger may have been started meanwhile.
    """
    line_trace = sys.gettrace()
    if line_trace is not None:
        sys.settrace(None)
    return line_trace
