"""A skip connection, as a fact about a trace."""

from __future__ import annotations

from dataclasses import dataclass, field

from tracer.record import Value

FEATURE_MAP_RANK = 3
"""Batch, channels and at least one axis of space; an embedding (B, C) is not a feature map."""


@dataclass(frozen=True, slots=True)
class SkipLink:
    """One skip connection: a value that is joined with the main path later.

    Attributes:
        source: The call of the block that made the value.
        target: The call of the block that takes in the joined value.
        value: The tensor as it left the source.
        joined: The other operand of the join.
        result: What the join put out.
        join: The kind of the join, one of `tracer.analysis.operations.join_kinds`.
        pushed: The number of the step that made the value, -1 for an input of the model.
        popped: The number of the step that joined it.
        via: The operations between the value and the join (``"pad"``), the last one last.
        path: The values that those operations made, the operand of the join first; empty where the
            value itself is the operand.
        operands: All tensors that the step joined, in the order of the code.
        in_data_flow: The data flow shows the skip. Otherwise only a container of the model does.
    """

    source: str
    target: str
    value: Value
    joined: Value
    result: Value
    join: str
    pushed: int
    popped: int
    via: tuple[str, ...] = ()
    path: tuple[Value, ...] = ()
    operands: tuple[Value, ...] = field(default=(), compare=False)
    in_data_flow: bool = field(default=True, compare=False)

    @property
    def operand(self) -> Value:
        """The operand of the join that is the value, or was made from it."""
        return self.path[0] if self.path else self.value

    @property
    def way(self) -> tuple[Value, ...]:
        """The earlier name of `path`."""
        return self.path
