"""Real tensors that stand for the model's own, where the values of tensors decide what runs."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor


class RealTensors:
    """Makes the stand-ins of one run: copies, or random numbers for a tensor that has no data."""

    def __init__(self) -> None:
        self.mode: AbstractContextManager[object] = nullcontext()
        self._random = torch.Generator().manual_seed(0)

    def of(self, tensor: Tensor) -> Tensor:
        """A real tensor of the same shape and dtype, with the same numbers if there are any."""
        # what watches a run must not see this
        with torch._C._DisableTorchDispatch(), torch._C.DisableTorchFunction():
            return self._numbers(tensor) if tensor.is_meta else tensor.detach().clone()

    def _numbers(self, tensor: Tensor) -> Tensor:
        copy = torch.zeros(tensor.shape, dtype=tensor.dtype)
        return copy.normal_(generator=self._random) if copy.is_floating_point() else copy
