"""A skip connection, as a fact about a trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tracer.record import Value

Join = Literal["cat", "add", "mul", "stack"]

JOINS: dict[str, Join] = {
    **dict.fromkeys(("cat", "concat", "concatenate", "hstack"), "cat"),
    **dict.fromkeys(("add", "add_", "radd", "iadd", "lerp", "lerp_"), "add"),
    **dict.fromkeys(("mul", "mul_", "rmul", "imul", "multiply", "multiply_"), "mul"),
    "stack": "stack",
}
"""The operations that join two feature maps, and how."""

FEATURE_MAP_RANK = 3
"""Batch, channels and at least one axis of space; an embedding (B, C) is not a feature map."""


@dataclass(frozen=True, slots=True)
class SkipLink:
    """One skip: a value that leaves `source`, waits, and joins the main path before `target`.

    `source` and `target` are block calls. `joined` is the other operand, `result` what the join put
    out. `pushed` and `popped` are step numbers: the step that made the value (-1 for an input of
    the model), the step that joined it. `via` names what was done to the value on the way
    (``"pad"``), nearest to the join last; `way` holds what it was on the way, the operand of the
    join first, and is empty where the value is that operand.
    """

    source: str
    target: str
    value: Value
    joined: Value
    result: Value
    join: Join
    pushed: int
    popped: int
    via: tuple[str, ...] = ()
    way: tuple[Value, ...] = ()

    @property
    def operand(self) -> Value:
        """What was joined of the value: it, or what was made of it on the way."""
        return self.way[0] if self.way else self.value
