"""The tensors that replace the model's own during a run: without data, or real copies.

`FakeTensors` and `RealTensors` have the same methods and attributes as far as `StateSwap` and
`OpRecorder` need them: `replacement` and `mode`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from tracer.from_torch.capture.rng.private_rng import PrivateRngMode
from tracer.from_torch.private_torch import (
    DisableTorchDispatch,
    DisableTorchFunction,
    FakeTensor,
    FakeTensorMode,
    disable_current_modes,
)

CPU = torch.device("cpu")
METADATA = "unet_trace_metadata"
"""The attribute of a fake tensor that holds its `Metadata`, or None if that may have changed."""


class Metadata(NamedTuple):
    """Everything that a tensor without data has."""

    shape: tuple[int, ...]
    stride: tuple[int, ...]
    dtype: torch.dtype
    device: torch.device


class FakeTensors:
    """Makes tensors without data. `mode` has to be active while they are used.

    A fake tensor acts as if it were on the device of the tensor that it replaces. For a tensor on
    ``meta`` that is the CPU, so that a model that creates CPU tensors in its ``forward`` runs.
    """

    def __init__(self) -> None:
        self.mode = FakeTensorMode()
        self._attributes: dict[torch.device, dict[str, Any]] = {}
        """The attributes of a new fake tensor, by device."""
        self._metadata: dict[Metadata, Metadata] = {}
        """The metadata of what was replaced, one object for all tensors that have it."""

    def replacement(self, tensor: Tensor) -> Tensor:
        """Return a fake tensor of the same shape, strides, dtype and device as `tensor`."""
        # The modes of a run, in which constants are found, must not see this allocation.
        with DisableTorchFunction():
            if tensor.layout is not torch.strided or tensor.is_quantized:
                with disable_current_modes():
                    return self.mode.from_tensor(tensor)
            device = CPU if tensor.is_meta else tensor.device
            metadata = Metadata(tensor.shape, tensor.stride(), tensor.dtype, device)
            return self.empty(self._metadata.setdefault(metadata, metadata))

    def empty(self, metadata: Metadata) -> FakeTensor:
        """Return a new fake tensor, on the CPU where the device is ``meta``."""
        shape, stride, dtype, device = metadata
        if device.type == "meta":
            device = CPU
            metadata = Metadata(shape, stride, dtype, device)
        guard = DisableTorchDispatch()  # the modes of a run must not see this allocation
        meta = torch.empty_strided(shape, stride, dtype=dtype, device="meta")
        del guard
        return self._wrap(meta, device, metadata)

    def view(self, base: Tensor, metadata: Metadata, offset: int) -> FakeTensor:
        """Return a view of `base` that begins `offset` elements after `base` does."""
        device, begin = base.device, base.storage_offset() + offset
        # as_strided takes twice as long, and its first call imports torch.distributed.tensor
        guard = DisableTorchDispatch()
        view = torch.empty_strided((), (), dtype=metadata.dtype, device="meta")
        view.set_(base.untyped_storage(), begin, metadata.shape, metadata.stride)
        del guard
        return self._wrap(view, device, metadata)

    def _wrap(self, meta: Tensor, device: torch.device, metadata: Metadata) -> FakeTensor:
        attributes = self._attributes.get(device)
        if attributes is None:
            first = FakeTensor(self.mode, meta, device)
            first.__dict__[METADATA] = None
            self._attributes[device] = vars(first).copy()
            return first
        # The constructor is slow because of its checks, which the first tensor of a device passed.
        fake: FakeTensor = torch.Tensor._make_subclass(
            FakeTensor, meta, False, dispatch_device=True, device_for_backend_keys=device
        )
        attributes = fake.__dict__ = attributes.copy()  # copies share keys; a filled dict would not
        if not metadata.dtype.is_complex:
            attributes[METADATA] = metadata
        return fake

    @staticmethod
    def forget_metadata(tensors: Iterable[Tensor]) -> None:
        """Read the metadata of tensors anew when it is next needed: it may change."""
        for tensor in tensors:
            attributes = tensor.__dict__
            if METADATA in attributes:
                attributes[METADATA] = None


class RealTensors:
    """Makes real copies, for models whose control flow depends on the values of tensors."""

    def __init__(self) -> None:
        self.mode = PrivateRngMode()  # type: ignore[no-untyped-call]
        self._generator = torch.Generator().manual_seed(0)

    def replacement(self, tensor: Tensor) -> Tensor:
        """Return a copy of `tensor`; one on ``meta`` gets random numbers, the same in each run.

        The copy of a parameter is one, because code may ask for its exact type.
        """
        # The modes of a run must not see this allocation.
        with DisableTorchDispatch(), DisableTorchFunction():
            copy = self._random(tensor) if tensor.is_meta else tensor.detach().clone()
            is_parameter = type(tensor) is nn.Parameter
            return nn.Parameter(copy, tensor.requires_grad) if is_parameter else copy

    def _random(self, tensor: Tensor) -> Tensor:
        copy = torch.zeros(tensor.shape, dtype=tensor.dtype)
        return copy.normal_(generator=self._generator) if copy.is_floating_point() else copy


TensorSource = FakeTensors | RealTensors
