"""How many places in space each value has: its resolution, wherever its channels stand.

(B, C, H, W), (B, H, W, C) and (B, H*W, C) are one resolution, and no shape tells which of them it
is. So the number is followed from the inputs of the model through every step.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from tracer.record import Step, Trace, Value

Shape = tuple[int, ...]

LAYOUTS: tuple[Callable[[Shape], Shape], ...] = (
    lambda shape: shape[2:],  # (B, C, H, W)
    lambda shape: shape[1:-1],  # (B, H, W, C)
)
"""Which axes of a feature map are space, with channels first and with channels last."""

REARRANGES = frozenset(
    (
        *("view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "contiguous"),
        *("permute", "transpose", "swapaxes", "movedim", "T", "mT", "clone", "view_as"),
    )
)
"""Operations that may change the order and grouping of the axes, and nothing else."""


def resolutions(trace: Trace) -> dict[str, int]:
    """By the name of each value, its number of places: L, H*W, D*H*W; 1 for an embedding."""
    known = {value.name: _places(numbers(value)) for value in trace.inputs}
    for step in trace.steps:
        inputs = sorted(step.inputs, key=lambda value: -known.get(value.name, 0))
        for value in step.outputs:
            known[value.name] = (
                _following(step, inputs[0], value, known[inputs[0].name])
                if inputs and inputs[0].name in known
                else _places(numbers(value))
            )
    return known


def numbers(value: Value) -> Shape:
    """The sizes of a value; a formula counts as one place."""
    return tuple(dim if isinstance(dim, int) else 1 for dim in value.shape)


def _places(shape: Shape) -> int:
    return prod(shape[2:])


def _following(step: Step, source: Value, value: Value, places: int) -> int:
    """The places of what a step put out, from those of the finest that it took in."""
    before, after = numbers(source), numbers(value)
    if _keeps_places(step, before, after):
        return places
    if len(before) != len(after):
        return _places(after)
    for space in LAYOUTS:
        if prod(space(before)) == places:
            return prod(space(after))
    return places


def _keeps_places(step: Step, before: Shape, after: Shape) -> bool:
    if before == after or step.op == "linear" or step.op.startswith("fft_"):
        return True  # a spectrum is not a smaller image
    return step.op in REARRANGES and prod(before) == prod(after)
