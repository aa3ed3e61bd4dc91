"""What tells two models from each other: blocks, shapes, parameters, FLOPs, skips and joins."""

from __future__ import annotations

from tracer.comparison.comparing import compare
from tracer.comparison.differences import Comparison, Difference

__all__ = ["Comparison", "Difference", "compare"]
