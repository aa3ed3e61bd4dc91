"""The shape notation, as in jaxtyping and einops: ``b 128 h/2 w/2``.

A name stands for one size and has the same value everywhere. A dtype may precede the axes
(``f32[b 3 h w]``), commas separate tensors, and an arrow separates inputs from outputs
(``b c1 h w, b c2 h w -> b c1+c2 h w``).
"""

from __future__ import annotations

from tracer.notation.equations import (
    Binding,
    Contradiction,
    Equation,
    Origin,
    Solution,
    equations_of,
)
from tracer.notation.parser import parse_shape, parse_shapes
from tracer.notation.printer import axes_text, shape_text
from tracer.notation.scanner import NotationError
from tracer.notation.shape_pattern import (
    ShapePattern,
    Signature,
    VariadicAxes,
    dtype_and_rank_mismatches,
    match_axes,
)
from tracer.notation.solver import solve
from tracer.notation.terms import SizeName, SizeNumber, SizeOperation, Term

__all__ = [
    "Binding",
    "Contradiction",
    "Equation",
    "NotationError",
    "Origin",
    "ShapePattern",
    "Signature",
    "SizeName",
    "SizeNumber",
    "SizeOperation",
    "Solution",
    "Term",
    "VariadicAxes",
    "axes_text",
    "dtype_and_rank_mismatches",
    "equations_of",
    "match_axes",
    "parse_shape",
    "parse_shapes",
    "shape_text",
    "solve",
]
