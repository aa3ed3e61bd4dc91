"""Tensors without data that stand for the model's own, and act as if they were on its device.

A tensor on ``meta`` becomes a fake on the CPU, so that a model that makes CPU tensors in its
``forward`` still runs.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode

CPU = torch.device("cpu")


class Fakes:
    """Makes the stand-ins of one run. `mode` has to be active while they are used."""

    def __init__(self) -> None:
        self.mode = FakeTensorMode()

    def of(self, tensor: Tensor) -> Tensor:
        """A tensor without data that claims to be `tensor`: same shape, strides, dtype, device."""
        if tensor.layout is not torch.strided or tensor.is_quantized:
            return self.mode.from_tensor(tensor)
        return fake_tensor(tensor.shape, tensor.stride(), tensor.dtype, tensor.device, self.mode)


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
