"""Calls of torch that ask a tensor for something, and make none."""

from __future__ import annotations

import torch

QUERIES = frozenset(
    getattr(torch.Tensor, name).__get__
    for name in ("shape", "dtype", "ndim", "layout", "is_cuda", "requires_grad")
) | {torch.Tensor.size, torch.Tensor.dim, torch.Tensor.numel, torch.Tensor.is_floating_point}
"""Calls that never make a tensor and are not recorded. Any other is judged by its result."""

METADATA_QUERIES = frozenset(
    getattr(torch.Tensor, name).__get__ for name in ("device", "itemsize", "nbytes", "is_meta")
) | {
    *(torch.Tensor.stride, torch.Tensor.is_contiguous, torch.Tensor.element_size),
    *(
        torch.Tensor.is_complex,
        torch.Tensor.nelement,
        torch.Tensor.__len__,
        torch.is_floating_point,
    ),
}
"""Calls whose result is no tensor, and follows from the metadata of one."""

DATA_READERS = {"apply_", "map_", "map2_", "data_ptr"}
"""Calls that read data, or its address, without checking whether there is any."""
