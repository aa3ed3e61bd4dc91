"""The shape of a tensor in the language in which shapes are expected."""

from __future__ import annotations

from tracer.notation.dtypes import short_dtype
from tracer.record import Dim

UNSAID = "float32"
"""The dtype that need not be said."""


def axes_text(shape: tuple[Dim, ...]) -> str:
    """``1 128 32 32``; a formula that is a sum has no blanks in it, for these part the axes."""
    return " ".join(str(dim).replace(" ", "") for dim in shape)


def shape_text(shape: tuple[Dim, ...], dtype: str) -> str:
    """``[1 128 32 32]``, or with another dtype than float32 ``i64[1]``."""
    prefix = "" if dtype == UNSAID else short_dtype(dtype)
    return f"{prefix}[{axes_text(shape)}]"
