"""Runs the modules of a model without recording their calls."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import Any

from torch import nn

from tracer.from_torch.capture.lazy_results import LAZY_TYPES, observed
from tracer.from_torch.capture.memo.visit import Visit
from tracer.from_torch.capture.module_call import Call
from tracer.from_torch.capture.module_calls import CallTree, Forward, line_trace_paused
from tracer.from_torch.capture.pytree import PyTree, operands
from tracer.from_torch.capture.recorded_op import Arguments, Keywords


class NullCallTree(CallTree):
    """Run all modules without recording their calls, which is faster."""

    def run(
        self,
        module: nn.Module,
        forward: Forward,
        args: Arguments,
        kwargs: Keywords,
        *,
        is_custom: bool = False,
    ) -> Any:
        """Run one module, never a compiled version of it."""
        outer_trace, visit = line_trace_paused(), None
        try:
            visit = self._counted_visit(module, args, kwargs)
            if visit is not None and visit.known is not None:
                return visit.repeat(visit.known, self._new_call)
            sys.settrace(outer_trace if visit is None else visit.observed(outer_trace))
            result = forward(*args, **kwargs)
            sys.settrace(None)
            self._adopt(result)
            if visit is not None:
                visit.add(result)
        except BaseException as error:
            self._record_error(error, self._paths.get(module, ""))
            raise
        finally:
            if visit is not None:
                visit.close()
            sys.settrace(outer_trace)
        is_body = isinstance(result, LAZY_TYPES)
        return observed(result, nullcontext, self._adopt) if is_body else result

    def _counted_visit(self, module: nn.Module, args: Arguments, kwargs: Keywords) -> Visit | None:
        original = self._shadow.original(module)
        if self._memo is None or not self._memo.count_of(original):
            return None
        if not all(map(self._recorder.values.is_current, operands((args, kwargs), {}))):
            return None  # its value is made where it is read
        inputs = self._values(*args, *kwargs.values())
        call = Call("", "", original, inputs, len(self._recorder.operations))
        return self._visit_of(call, module, args, kwargs)

    def _adopt(self, result: PyTree) -> None:
        for tensor in operands((result,), {}):
            self._recorder.adopt(tensor)
