"""The language of shapes, as jaxtyping and einops have it: ``b 128 h/2 w/2``.

A name stands for one size and means the same wherever it occurs. A tensor can be given a dtype
(``f32[b 3 h w]``), several tensors are separated by commas, and an arrow parts what goes in from
what comes out (``b c1 h w, b c2 h w -> b c1+c2 h w``).
"""

from __future__ import annotations

from tracer.notation.equations import Binding, Contradiction, Equation, Origin, Solution
from tracer.notation.grammar import parse_shape, parse_shapes
from tracer.notation.printed import axes_text, shape_text
from tracer.notation.reader import NotationError
from tracer.notation.shapes import Many, ShapePattern, Signature, laid_out
from tracer.notation.solver import solve
from tracer.notation.terms import SizeName, SizeNumber, SizeOperation, Term

__all__ = [
    "Binding",
    "Contradiction",
    "Equation",
    "Many",
    "NotationError",
    "Origin",
    "ShapePattern",
    "Signature",
    "SizeName",
    "SizeNumber",
    "SizeOperation",
    "Solution",
    "Term",
    "axes_text",
    "laid_out",
    "parse_shape",
    "parse_shapes",
    "shape_text",
    "solve",
]
