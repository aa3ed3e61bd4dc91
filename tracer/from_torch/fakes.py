"""The model's parameters, buffers and inputs as tensors without data, lent to it and taken back.

While a model is traced, each of its parameters and buffers is replaced by a fake tensor of the same
shape, dtype, strides and device. A tensor on ``meta`` becomes a fake on the CPU, so that a model
that makes CPU tensors in its ``forward`` still runs. Afterwards, also after an error, every module
has its own attributes again, and those that ``forward`` set are gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode

CPU = torch.device("cpu")


def fake_of(tensor: Tensor, mode: FakeTensorMode) -> FakeTensor:
    """A tensor without data that claims to be `tensor`: same shape, strides, dtype and device."""
    if tensor.layout is not torch.strided or tensor.is_quantized:
        return mode.from_tensor(tensor)
    return fake_tensor(tensor.shape, tensor.stride(), tensor.dtype, tensor.device, mode)


def fake_tensor(
    shape: Sequence[int],
    stride: Sequence[int],
    dtype: torch.dtype,
    device: torch.device,
    mode: FakeTensorMode,
) -> FakeTensor:
    """A new fake tensor on `device`; one that would be on ``meta`` is on the CPU."""
    guard = torch._C._DisableTorchDispatch()  # the modes of a run must not see this allocation
    meta = torch.empty_strided(shape, stride, dtype=dtype, device="meta")
    del guard
    return FakeTensor(mode, meta, CPU if device.type == "meta" else device)


def fake_view(
    base: FakeTensor, shape: Sequence[int], stride: Sequence[int], offset: int
) -> FakeTensor:
    """A fake that shares the memory of `base`, from `offset` elements behind its start."""
    guard = torch._C._DisableTorchDispatch()
    start = base.storage_offset() + offset
    view = torch.as_strided(base, shape, stride, start)
    del guard
    return FakeTensor(base.fake_mode, view, base.device)


class Loan:
    """The fake state of one model: which fake stands for which tensor, and under what name."""

    def __init__(self, model: nn.Module, mode: FakeTensorMode) -> None:
        self.mode = mode
        self.modules = dict(model.named_modules())
        self.fakes: dict[int, FakeTensor] = {}
        """The fake of each parameter and buffer, by the id of the original."""
        self.names: dict[int, str] = {}
        """The path of each parameter and buffer, by the id of its fake."""
        self.originals: dict[int, Tensor] = {}
        """What each fake stands for, by the id of the fake."""
        self._copies: dict[int, Any] = {}

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Inside, the model's own modules hold the fakes; outside, everything is as it was."""
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
        attributes["_parameters"] = self._fake_state(prefix, module._parameters)
        attributes["_buffers"] = self._fake_state(prefix, module._buffers)
        return attributes

    def _fake_state(
        self, prefix: str, state: Mapping[str, Tensor | None]
    ) -> dict[str, Tensor | None]:
        return {
            name: None if tensor is None else self._fake(prefix + name, tensor)
            for name, tensor in state.items()
        }

    def _fake(self, name: str, tensor: Tensor) -> FakeTensor:
        fake = self.fakes.get(id(tensor))
        if fake is None:
            fake = self.fakes[id(tensor)] = fake_of(tensor, self.mode)
            fake._is_param = isinstance(tensor, nn.Parameter)
            self.names[id(fake)] = name
            self.originals[id(fake)] = tensor
        return fake

    def fake_constant(self, tensor: Tensor) -> FakeTensor:
        """The fake of a tensor that the model holds elsewhere than in its state."""
        fake = self.fakes[id(tensor)] = fake_of(tensor, self.mode)
        self.originals[id(fake)] = tensor
        return fake

    def _copy(self, value: Any) -> Any:
        # What forward puts into a list of its own must not stay there. Two modules that share
        # one list go on sharing one.
        if type(value) not in (dict, list, set):
            return value
        return self._copies.setdefault(id(value), value.copy())
