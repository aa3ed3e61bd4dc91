"""Prints the shape of a tensor in the notation in which shapes are expected."""

from __future__ import annotations

from tracer.notation.dtypes import short_dtype
from tracer.record import Dim

DEFAULT_DTYPE = "float32"
"""The dtype that is not printed."""


def axes_text(shape: tuple[Dim, ...]) -> str:
    """Return the sizes separated by spaces, so a formula that is a sum has no spaces itself.

    >>> axes_text((1, 128, "H/2 + 1", "W/2"))
    '1 128 H/2+1 W/2'
    """
    return " ".join(str(dim).replace(" ", "") for dim in shape)


def shape_text(shape: tuple[Dim, ...], dtype: str) -> str:
    """Return the axes in brackets, after the short name of the dtype if that is not float32.

    >>> shape_text((1, 128, 32, 32), "float32")
    '[1 128 32 32]'
    >>> shape_text(("B",), "int64")
    'i64[B]'
    """
    prefix = "" if dtype == DEFAULT_DTYPE else short_dtype(dtype)
    return f"{prefix}[{axes_text(shape)}]"
