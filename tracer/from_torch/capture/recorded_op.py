"""One call of torch: as the model made it, and as the trace records it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from torch import Tensor

from tracer.from_torch.capture.source.user_source import FileLine
from tracer.record import Value

TorchFunction: TypeAlias = Any
"""A function of torch, a method of a tensor, the slot of an attribute, or an ATen operation."""
Arguments: TypeAlias = Any
"""The positional arguments of a torch call: a sequence of anything."""
Keywords: TypeAlias = dict[str, Any]
"""The keyword arguments of a torch call."""


@dataclass(slots=True)
class TorchCall:
    """A torch call as the model made it, on the tensors of this run."""

    op: str
    func: TorchFunction
    args: Arguments
    kwargs: Keywords
    tensors: list[Tensor]
    """The tensors among the arguments."""


@dataclass(slots=True)
class RecordedOp:
    """What a call did: the values it read and wrote, its block, its source line and its cost."""

    op: str
    reads: tuple[Value, ...]
    weights: tuple[Value, ...]
    writes: list[Value]
    block: str
    source_line: FileLine | None
    flops: int | None
    memory_of: str | None


@dataclass(slots=True)
class ModuleScope:
    """The call of the innermost module that is running, and the scope around it."""

    call: str
    path: str = ""
    module_class: type | None = None
    outer: ModuleScope | None = None

    def module_stack(self) -> dict[str, tuple[str, type | None]]:
        """Paths and classes of the running modules by call, outermost first."""
        if self.outer is None:
            return {}
        return {**self.outer.module_stack(), self.call: (self.path, self.module_class)}
