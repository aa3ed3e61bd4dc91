"""Expectations about the shapes in a trace, and what does not agree with them.

A key says whose tensors are meant, its value what shapes they have to have:

- ``"down.0.block.0"`` or ``"out: down.0.block.0"``: what a block puts out, in each of its calls;
  ``@1`` behind the path means the second call alone, ``*`` in it one name, ``**`` any number;
- ``"in: down.0.block.0"``: what a block takes in; ``"in:"`` and ``"out:"`` are the model's own;
- ``"cat: up.0.block.0"``, and ``add:`` or ``mul:``: what is joined for a block to take in;
- ``"hs[3]"``: the fourth tensor that was pushed on the local list ``hs``; ``"hs[-1]"`` the last.
"""

from __future__ import annotations

from tracer.testing.expectations.mismatches import Mismatch, ShapeVerdict, verdict_on
from tracer.testing.expectations.report import report

__all__ = ["Mismatch", "ShapeVerdict", "report", "verdict_on"]
