"""Why two tensors did not fit together, in the terms of the UNet: which skip, and where they parted.

A UNet halves a size on the way down and doubles it on the way up. Where a half was rounded, what
comes up is no longer as large as the skip that waits for it, and the two cannot be joined.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from tracer.record import Step, Trace, Value
from tracer.stack_events import stack


@dataclass(frozen=True, slots=True)
class Place:
    """A step of the trace, as a reader looks for it: its block, and its line of source."""

    block: str
    file: str | None
    line: int | None


@dataclass(frozen=True, slots=True)
class Rounding:
    """A step that made a smaller size of one that it did not divide."""

    op: str
    at: Place
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Clash:
    """Two operands of one operation that do not fit, the one that waited first.

    `axis` is the first axis on which they differ, `sizes` what they are there. `pushed` is where the
    waiting one was pushed, or made if no list was seen; `rounding` where the sizes parted, if it was
    by rounding.
    """

    op: str
    skip: Value
    other: Value
    axis: int
    sizes: tuple[int, int]
    pushed: Place
    popped: Place
    stack: str | None
    rounding: Rounding | None


def clash(trace: Trace, op: str, operands: Sequence[Value], popped: Place) -> Clash | None:
    """The clash that ended a partial trace, if two operands of `op` differ in a size.

    The operands of a concatenation may differ in channels, those of a sum where one size is 1.
    """
    for one, two in combinations(operands, 2):
        axis = _differing_axis(op, one, two)
        if axis is not None:
            skip, other = sorted((one, two), key=lambda value: _made(trace, value))
            return _clash(trace, op, skip, other, axis, popped)
    return None


def _differing_axis(op: str, one: Value, two: Value) -> int | None:
    if len(one.shape) != len(two.shape):
        return None
    joined_axes = 2 if op.startswith(("cat", "concat")) else 0
    for axis, (a, b) in enumerate(zip(one.shape, two.shape, strict=True)):
        if a != b and (axis >= joined_axes if joined_axes else 1 not in (a, b)):
            return axis
    return None


def _made(trace: Trace, value: Value) -> int:
    return trace.producers.get(value.name, -1)


def _clash(trace: Trace, op: str, skip: Value, other: Value, axis: int, popped: Place) -> Clash:
    pushes = [event for event in stack(trace) if event.value.name == skip.name]
    push = next((event for event in pushes if event.kind == "push"), None)
    maker = _place(trace, skip)
    pushed = maker if push is None else Place(maker.block, push.file, push.line)
    sizes = int(skip.shape[axis]), int(other.shape[axis])
    return Clash(
        op=op,
        skip=skip,
        other=other,
        axis=axis,
        sizes=sizes,
        pushed=pushed,
        popped=popped,
        stack=None if push is None else push.name,
        rounding=_rounding(trace, skip, axis),
    )


def _place(trace: Trace, value: Value) -> Place:
    """Where a value was made: the outermost block that put it out, and the line of the step."""
    makers = (block for block in trace.root.walk() if value in block.outputs and block.call)
    block = next((maker.call for maker in makers), "")
    number = trace.producers.get(value.name)
    step = None if number is None else trace.steps[number]
    if step is None:
        return Place(block, None, None)
    return Place(block or step.block, step.file, step.line)


def _rounding(trace: Trace, skip: Value, axis: int) -> Rounding | None:
    """The first step behind the skip that made less than all of a size like that of the skip."""
    size = int(skip.shape[axis])
    for step in trace.steps[_made(trace, skip) + 1 :]:
        for after in _smaller(step, size, axis, len(skip.shape)):
            if size % after:
                outermost = _block_of(trace, step)
                return Rounding(step.op, Place(outermost, step.file, step.line), size, after)
    return None


def _smaller(step: Step, size: int, axis: int, rank: int) -> Iterator[int]:
    before = [int(value.shape[axis]) for value in step.inputs if len(value.shape) == rank]
    for value in step.outputs:
        after = int(value.shape[axis]) if len(value.shape) == rank else 0
        # Some pad by one before they halve.
        if 0 < after < size and any(size <= one <= size + 1 for one in before):
            yield after


def _block_of(trace: Trace, step: Step) -> str:
    """The block whose own forward, or that of its children, is all the reader sees of a step."""
    parent = step.block.rpartition(".")[0]
    return parent if parent in trace.blocks else step.block
