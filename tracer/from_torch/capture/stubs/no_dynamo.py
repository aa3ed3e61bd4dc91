"""Runs operations without data and without importing PyTorch's compiler.

The first fake or meta operation of a process makes torch import `torch._dynamo`: about 800 modules
and 70 MB, which takes longer than a trace. Torch only needs two things of it: a few settings, and
`disable`, which marks functions that are not to be compiled.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from tracer.from_torch.capture.stubs.stub_module import StubModule
from tracer.from_torch.private_torch import DYNAMO, DYNAMO_DISABLE_MARK


class DynamoStub(StubModule):
    """Takes the place of `torch._dynamo`, with its settings and with nothing to compile."""

    def __init__(self) -> None:
        super().__init__(DYNAMO)
        self._disabled: list[Callable[..., Any]] = []

    def disable(self, fn: Callable[..., Any], *_: Any, **__: Any) -> Callable[..., Any]:
        """Return the function unchanged, because nothing compiles it now."""
        self._disabled.append(fn)
        return fn

    def remove(self) -> None:
        """Let imports find the compiler, which will see nothing as marked."""
        super().remove()
        while self._disabled:
            vars(self._disabled.pop()).pop(DYNAMO_DISABLE_MARK, None)


@cache
def _stub() -> DynamoStub:
    """The stub of this process."""
    return DynamoStub()


def dynamo_stubbed() -> AbstractContextManager[None]:
    """Keep torch from importing its compiler inside the `with` block."""
    return _stub().installed()
