"""Tensors without data that stand for the model's own, and act as if they were on its device.

A tensor on ``meta`` becomes a fake on the CPU, so that a model that makes CPU tensors in its
``forward`` still runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode

CPU = torch.device("cpu")


class FakeTensors:
    """Makes the stand-ins of one run. `mode` has to be active while they are used."""

    def __init__(self) -> None:
        self.mode = FakeTensorMode()
        self._attributes: dict[torch.device, dict[str, Any]] = {}
        """What a fake tensor knows when it is new, by its device."""

    def of(self, tensor: Tensor) -> Tensor:
        """A tensor without data that claims to be `tensor`: same shape, strides, dtype, device."""
        if tensor.layout is not torch.strided or tensor.is_quantized:
            return self.mode.from_tensor(tensor)
        return self.new(tensor.shape, tensor.stride(), tensor.dtype, tensor.device)

    def new(
        self,
        shape: Sequence[int],
        stride: Sequence[int],
        dtype: torch.dtype,
        device: torch.device,
    ) -> FakeTensor:
        """A new fake tensor on `device`; one that would be on ``meta`` is on the CPU."""
        guard = torch._C._DisableTorchDispatch()  # the modes of a run must not see this allocation
        meta = torch.empty_strided(shape, stride, dtype=dtype, device="meta")
        del guard
        return self._around(meta, CPU if device.type == "meta" else device)

    def view(
        self, base: Tensor, shape: Sequence[int], stride: Sequence[int], offset: int
    ) -> FakeTensor:
        """A fake that shares the memory of `base`, from `offset` elements behind its start."""
        guard = torch._C._DisableTorchDispatch()
        view = torch.as_strided(base, shape, stride, base.storage_offset() + offset)
        del guard
        return self._around(view, base.device)

    def _around(self, meta: Tensor, device: torch.device) -> FakeTensor:
        known = self._attributes.get(device)
        if known is None:
            first = FakeTensor(self.mode, meta, device)
            self._attributes[device] = vars(first).copy()
            return first
        # The constructor spends most of its time on checks that the first one of a device passed.
        fake: FakeTensor = torch.Tensor._make_subclass(
            FakeTensor, meta, False, dispatch_device=True, device_for_backend_keys=device
        )
        fake.__dict__ = known.copy()  # copies share their keys; one that is filled would not
        return fake
