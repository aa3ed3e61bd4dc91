"""The model's parameters and buffers, exchanged for stand-ins while it is traced, and given back.

Afterwards, also after an error, every module has its own attributes again, and those that
``forward`` set are gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

from tracer.from_torch.copies import Copies
from tracer.from_torch.fakes import Fakes

StandIns = Fakes | Copies


class Loan:
    """The state of one model, lent: which tensor stands for which, and under what name."""

    def __init__(self, model: nn.Module, stand_ins: StandIns) -> None:
        self.stand_ins = stand_ins
        self.modules = dict(model.named_modules())
        self.lent_for: dict[int, Tensor] = {}
        """What stands for each tensor of the model, by the id of the tensor."""
        self.names: dict[int, str] = {}
        """The path of each parameter and buffer, by the id of what stands for it."""
        self.originals: dict[int, Tensor] = {}
        """The tensor of the model, by the id of what stands for it."""
        self._copies: dict[int, Any] = {}

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Inside, the model's own modules hold the stand-ins; outside, everything is as it was."""
        before = [(module, module.__dict__) for module in self.modules.values()]
        try:
            for path, module in self.modules.items():
                module.__dict__ = self._lent_attributes(path, module)
            yield
        finally:
            for module, attributes in before:
                module.__dict__ = attributes

    def _lent_attributes(self, path: str, module: nn.Module) -> dict[str, Any]:
        prefix = f"{path}." if path else ""
        attributes = {name: self._copy(value) for name, value in module.__dict__.items()}
        attributes["_parameters"] = self._lent_state(prefix, module._parameters)
        attributes["_buffers"] = self._lent_state(prefix, module._buffers)
        return attributes

    def _lent_state(
        self, prefix: str, state: Mapping[str, Tensor | None]
    ) -> dict[str, Tensor | None]:
        return {
            name: None if tensor is None else self._stand_in(prefix + name, tensor)
            for name, tensor in state.items()
        }

    def _stand_in(self, name: str, tensor: Tensor) -> Tensor:
        other = self.lent_for.get(id(tensor))
        if other is None:
            other = self.lent_for[id(tensor)] = self.stand_ins.of(tensor)
            other._is_param = isinstance(tensor, nn.Parameter)
            self.names[id(other)] = name
            self.originals[id(other)] = tensor
        return other

    def constant(self, tensor: Tensor) -> Tensor:
        """What stands for a tensor that the model holds elsewhere than in its state."""
        other = self.lent_for[id(tensor)] = self.stand_ins.of(tensor)
        self.originals[id(other)] = tensor
        return other

    def _copy(self, value: Any) -> Any:
        # What forward puts into a list of its own must not stay there. Two modules that share
        # one list go on sharing one.
        if type(value) not in (dict, list, set):
            return value
        return self._copies.setdefault(id(value), value.copy())
