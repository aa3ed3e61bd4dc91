"""The bytes of tensors: of one, of all that an operation writes, of the weights that it reads."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache, reduce
from operator import mul

from tracer.algebra.polynomial import Formula, from_dim
from tracer.record import Dim, Step, Value

Amount = int | Formula
"""A number of FLOPs or bytes: an int or, in a symbolic trace, a formula of the sizes."""


def size_in_bytes(value: Value) -> Amount:
    """Return the bytes that the elements of a tensor take.

    Raises:
        ValueError: The dtype is not known.

    >>> size_in_bytes(Value("h", (1, 320, 64, 64), "float16"))
    2621440
    """
    element = element_size(value.dtype)
    if element is None:
        raise ValueError(f"{value.name} is {value.dtype}: the size of this dtype is not known.")
    return element * _element_count(value.shape)


def bytes_written(step: Step) -> Amount:
    """Return the bytes of new memory that an operation fills: 0 for a view or an in-place one."""
    return sum(map(size_in_bytes, step.outputs)) if step.memory_of is None else 0


def weight_bytes(steps: Iterable[Step]) -> Amount:
    """Return the bytes of the parameters, buffers and constants that are read, each once."""
    weights = {weight.name: weight for step in steps for weight in step.weights}
    return sum(map(size_in_bytes, weights.values()))


@cache
def element_size(dtype: str) -> int | None:
    """Return the bytes of one element; None for a dtype that is not known."""
    bits = re.search(r"\d+", dtype)
    if bits:
        return int(bits[0]) // 8
    return 1 if dtype == "bool" else None


@lru_cache(maxsize=4096)
def _element_count(shape: tuple[Dim, ...]) -> Amount:
    sizes = (size if isinstance(size, int) else from_dim(size) for size in shape)
    return reduce(mul, sizes, 1)
