"""Checks the shapes in a trace against expectations.

A key selects tensors, its value is the shape that they must have:

- ``"down.0.block.0"`` or ``"out: down.0.block.0"``: the outputs of a block, in each of its calls;
  ``@1`` after the path selects the second call alone, ``*`` matches one name, ``**`` any number;
- ``"in: down.0.block.0"``: the inputs of a block; ``"in:"`` and ``"out:"`` are the model's own;
- ``"cat: up.0.block.0"``, and ``add:`` or ``mul:``: the operands of the join before a block;
- ``"hs[3]"``: the fourth tensor that was pushed on the local list ``hs``; ``"hs[-1]"`` the last.
"""

from __future__ import annotations

from tracer.testing.expectations.check_report import failure_message
from tracer.testing.expectations.mismatches import Mismatch, ShapeCheck, check_shapes

__all__ = ["Mismatch", "ShapeCheck", "check_shapes", "failure_message"]
