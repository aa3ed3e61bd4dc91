"""The parameters and buffers of a model, replaced while it is traced.

Afterwards, also after an error, every module has its own attributes again, and those that
``forward`` set are gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from tracer.errors import TraceError
from tracer.from_torch.capture.attribute_snapshot import AttributeSnapshot
from tracer.from_torch.capture.tensor_source import TensorSource

LAZY = (
    "{} has no shape yet: its module takes it from the first input that it is run on. "
    "Run the model once before it is traced."
)


class StateSwap:
    """Which tensor replaces which in the modules of one model, and under what name."""

    def __init__(self, modules: Mapping[str, nn.Module], tensor_source: TensorSource) -> None:
        self.tensor_source = tensor_source
        self.replacements: dict[int, Tensor] = {}
        """The replacement of each tensor of the model, by the id of that tensor."""
        self.names: dict[int, str] = {}
        """The path of each parameter and buffer, by the id of its replacement."""
        self.originals: dict[int, Tensor] = {}
        """The tensor of the model, by the id of its replacement."""
        self._modules = modules

    @contextmanager
    def swapped(self) -> Iterator[None]:
        """Inside the `with` block the modules hold the replacements.

        Raises:
            TraceError: A parameter is lazy: it has no shape yet.
        """
        snapshot = AttributeSnapshot(list(self._modules.values()))
        attributes = [(module, module.__dict__) for module in self._modules.values()]
        try:
            for path, module in self._modules.items():
                self._swap_module(path, module)
            yield
        finally:
            for module, before in attributes:
                object.__setattr__(module, "__dict__", before)
            snapshot.restore()

    def _swap_module(self, path: str, module: nn.Module) -> None:
        prefix = f"{path}." if path else ""
        if isinstance(module, torch.jit.ScriptModule):
            # Python cannot swap its state. The replacements are used when the tensors are met.
            self._swap_state(prefix, dict(module.named_parameters(recurse=False)))
            self._swap_state(prefix, dict(module.named_buffers(recurse=False)))
            return
        attributes = dict(module.__dict__)
        attributes["_modules"] = dict(module._modules)
        attributes["_parameters"] = self._swap_state(prefix, module._parameters)
        attributes["_buffers"] = self._swap_state(prefix, module._buffers)
        object.__setattr__(module, "__dict__", attributes)

    def _swap_state(
        self, prefix: str, state: Mapping[str, Tensor | None]
    ) -> dict[str, Tensor | None]:
        return {
            name: None if tensor is None else self._replacement(prefix + name, tensor)
            for name, tensor in state.items()
        }

    def _replacement(self, name: str, tensor: Tensor) -> Tensor:
        replacement = self.replacements.get(id(tensor))
        if replacement is None:
            if is_lazy(tensor):
                raise TraceError(LAZY.format(name))
            replacement = self.add_constant(tensor)
            if isinstance(tensor, nn.Parameter):
                replacement._is_param = True
                replacement.requires_grad_(tensor.requires_grad)
            self.names[id(replacement)] = name
        return replacement

    def add_constant(self, tensor: Tensor) -> Tensor:
        """Return a new replacement for a tensor of the model that is no parameter or buffer."""
        replacement = self.replacements[id(tensor)] = self.tensor_source.replacement(tensor)
        self.originals[id(replacement)] = tensor
        return replacement
