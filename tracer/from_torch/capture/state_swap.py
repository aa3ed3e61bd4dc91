"""The model's parameters and buffers, exchanged for stand-ins while it is traced, and given back.

Afterwards, also after an error, every module has its own attributes again, and those that
``forward`` set are gone.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from tracer.errors import TraceError
from tracer.from_torch.capture.attribute_snapshot import AttributeSnapshot, clear_caches
from tracer.from_torch.capture.fake_tensors import FakeTensors
from tracer.from_torch.capture.hook_snapshot import HookSnapshot
from tracer.from_torch.capture.real_tensors import RealTensors

TensorSource = FakeTensors | RealTensors

BOOKKEEPING = frozenset(vars(nn.Module())) - {"training"}
"""The attributes that every module has."""

LAZY = (
    "{} has no shape yet: its module takes it from the first input that it is run on. "
    "Run the model once before it is traced."
)


class StateSwap:
    """The state of one model, lent: which tensor stands for which, and under what name."""

    def __init__(self, model: nn.Module, stand_ins: TensorSource) -> None:
        self.stand_ins = stand_ins
        self.modules = dict(_modules(model))
        self.lent_for: dict[int, Tensor] = {}
        """What stands for each tensor of the model, by the id of the tensor."""
        self.names: dict[int, str] = {}
        """The path of each parameter and buffer, by the id of what stands for it."""
        self.originals: dict[int, Tensor] = {}
        """The tensor of the model, by the id of what stands for it."""

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Inside, the model's own modules hold the stand-ins; outside, everything is as it was."""
        before: list[tuple[nn.Module, dict[str, Any]]] = []
        hooks = HookSnapshot()
        belongings = AttributeSnapshot()
        namespaces = _namespaces(self.modules.values())
        try:
            for namespace in namespaces:
                belongings.note(namespace.values(), depth=2)
            for path, module in self.modules.items():
                before.append((module, module.__dict__))
                hooks.note(module)
                belongings.note(_plain_attributes(module))
                self._lend(path, module)
            yield
        finally:
            for module, attributes in before:
                object.__setattr__(module, "__dict__", attributes)
            hooks.give_back()
            belongings.give_back()
            for namespace in namespaces:
                clear_caches(namespace.values())

    def _lend(self, path: str, module: nn.Module) -> None:
        prefix = f"{path}." if path else ""
        if isinstance(module, torch.jit.ScriptModule):
            # Its state is not in Python's hands; what stands for it is known when it is met.
            self._lent_state(prefix, dict(module.named_parameters(recurse=False)))
            self._lent_state(prefix, dict(module.named_buffers(recurse=False)))
            return
        attributes = dict(module.__dict__)
        attributes["_modules"] = dict(module._modules)
        attributes["_parameters"] = self._lent_state(prefix, module._parameters)
        attributes["_buffers"] = self._lent_state(prefix, module._buffers)
        object.__setattr__(module, "__dict__", attributes)

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
            if is_lazy(tensor):
                raise TraceError(LAZY.format(name))
            other = self.lent_for[id(tensor)] = self.stand_ins.of(tensor)
            if isinstance(tensor, nn.Parameter):
                other._is_param = True
                other.requires_grad_(tensor.requires_grad)
            self.names[id(other)] = name
            self.originals[id(other)] = tensor
        return other

    def constant(self, tensor: Tensor) -> Tensor:
        """What stands for a tensor that the model holds elsewhere than in its state."""
        other = self.lent_for[id(tensor)] = self.stand_ins.of(tensor)
        self.originals[id(other)] = tensor
        return other


def _modules(model: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """What `model.named_modules()` gives, without a generator inside a generator for each level."""
    waiting = [("", model)]
    seen: set[nn.Module] = set()
    while waiting:
        path, module = waiting.pop()
        if module not in seen:
            seen.add(module)
            yield path, module
            prefix = f"{path}." if path else ""
            children = [
                (prefix + name, one) for name, one in module._modules.items() if one is not None
            ]
            waiting += reversed(children)


def _namespaces(modules: Iterable[nn.Module]) -> list[dict[str, Any]]:
    """The global names of the Python modules that the classes of a model stand in."""
    names = {type(module).__module__ for module in modules}
    own = [name for name in names if not name.startswith("torch.") and name in sys.modules]
    return [vars(sys.modules[name]) for name in sorted(own)]


def _plain_attributes(module: nn.Module) -> list[Any]:
    """What a module holds beside its state, its submodules and PyTorch's own bookkeeping."""
    return [item for name, item in module.__dict__.items() if name not in BOOKKEEPING]
