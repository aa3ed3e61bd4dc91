"""A cache of the results of tensor operations, by what their shapes depend on.

The shape, strides and dtype of a result depend on the function, on the shapes, strides, dtypes and
devices of its tensors, on its other arguments and on a few global modes. A UNet repeats the same
operations many times, and building a tensor without data from a cached result is far cheaper than
dispatching the operation again.

Only operations that change none of their arguments are cached.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import torch
from torch import Tensor

from tracer.from_torch.capture.global_modes import autocast_state
from tracer.from_torch.capture.pytree import PyTree
from tracer.from_torch.capture.recorded_op import Arguments, Keywords, TorchFunction
from tracer.from_torch.capture.results.cached_result import (
    CachedResult,
    UncacheableError,
    metadata_of,
    to_cached,
)
from tracer.from_torch.private_torch import FakeTensor

HASHABLE_TYPES = frozenset(
    (
        *(bool, int, float, complex, str, type(None), type(...)),
        *(torch.dtype, torch.device, torch.layout, torch.memory_format),
    )
)


class OpCache:
    """Results by key. A key holds no tensors, so the cache may outlive a run and serve the next."""

    LIMIT = 100_000
    """The most results that are held: about 100 MB, far more than any one model needs."""

    def __init__(self) -> None:
        self._results: dict[Hashable, CachedResult] = {}

    def key(self, func: TorchFunction, args: Arguments, kwargs: Keywords) -> Hashable | None:
        """Return all that the result of a call depends on, or None if it cannot be cached.

        The result of a function outside torch may depend on anything, and a cached result has no
        gradient.
        """
        module = getattr(func, "__module__", None) or "torch"  # the methods of Tensor have none
        if not module.startswith("torch") or torch.is_grad_enabled():
            return None
        try:
            dtype = torch.get_default_dtype()
            return (func, _key_of(args), _key_of(kwargs), autocast_state(), dtype)
        except UncacheableError:
            return None

    def get(self, key: Hashable | None) -> CachedResult | None:
        """Return the cached result, or None."""
        return None if key is None else self._results.get(key)

    def put(
        self, key: Hashable | None, result: PyTree, arguments: Sequence[Tensor], flops: int | None
    ) -> bool:
        """Cache the result of an operation that changed none of its arguments, if possible.

        Returns:
            Whether it is in the cache.
        """
        if key is None:
            return False
        try:
            self.add(key, to_cached(result, arguments, flops))
        except UncacheableError:
            return False
        return True

    def add(self, key: Hashable, result: CachedResult) -> None:
        """Cache the result of an operation."""
        if len(self._results) >= self.LIMIT:
            self._results.clear()
        self._results[key] = result


def _key_of(item: PyTree) -> Hashable:
    # The type is part of the key: 1, 1.0 and True are equal, and give different dtypes.
    item_type = type(item)
    if item_type is FakeTensor:
        return metadata_of(item)
    if item_type in HASHABLE_TYPES:
        return (item_type, item)
    if item_type is tuple or item_type is list or item_type is torch.Size:
        return (item_type, *[_key_of(element) for element in item])
    if item_type is dict:
        return (*[(name, _key_of(element)) for name, element in item.items()],)
    if item_type is slice:
        return (item_type, _key_of(item.start), _key_of(item.stop), _key_of(item.step))
    raise UncacheableError


OP_CACHE = OpCache()
"""The cache of this process."""
