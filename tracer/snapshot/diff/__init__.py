"""Compares two models: blocks, shapes, parameters, FLOPs, skips and joins."""

from __future__ import annotations

from tracer.snapshot.diff.comparison import compare
from tracer.snapshot.diff.difference import Comparison, Difference

__all__ = ["Comparison", "Difference", "compare"]
