"""The tensors that replace the parameters, buffers and constants of a model during a run."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from tracer.errors import TraceError
from tracer.from_torch.capture.tensor_source import TensorSource

LAZY = (
    "{} has no shape yet: its module takes it from the first input that it is run on. "
    "Run the model once before it is traced."
)


class StateSwap:
    """Which tensor replaces which tensor of a model, and under what name."""

    def __init__(self, tensor_source: TensorSource) -> None:
        self.tensor_source = tensor_source
        self.replacements: dict[int, Tensor] = {}
        """The replacement of each tensor of the model, by the id of that tensor."""
        self.names: dict[int, str] = {}
        """The path of each parameter and buffer, by the id of its replacement."""
        self.originals: dict[int, Tensor] = {}
        """The tensor of the model, by the id of its replacement."""

    def replace_state(
        self, prefix: str, state: Mapping[str, Tensor | None]
    ) -> dict[str, Tensor | None]:
        """Return the parameters or buffers of one module, replaced.

        Args:
            prefix: What precedes the names of the tensors: the module's path and a dot.
            state: The tensors by name.

        Raises:
            TraceError: A parameter is lazy: it has no shape yet.
        """
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
        """Return a new replacement for a tensor of the model that is not a parameter or buffer."""
        replacement = self.replacements[id(tensor)] = self.tensor_source.replacement(tensor)
        self.originals[id(replacement)] = tensor
        return replacement

    def release(self) -> None:
        """Drop the replacements after the run."""
        self.replacements.clear()
        self.originals.clear()
