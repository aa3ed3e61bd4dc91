"""Bytes of tensors."""

from __future__ import annotations

from tracer.analysis.stack.depth_and_bytes import bytes_of
from tracer.record import Value


def size_in_bytes(value: Value) -> int:
    """Bytes of a tensor that is kept whole. Raises TypeError where a size is a formula."""
    size = bytes_of(value)
    if size is None:
        raise TypeError(f"{value.name} has formulas for sizes: {value.shape}. Trace with numbers.")
    return size
