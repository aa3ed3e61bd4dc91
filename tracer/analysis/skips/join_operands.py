"""The joins of a trace, and the feature maps that each of them joins."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from tracer.analysis.operations import JoinKind, traits
from tracer.analysis.skips.channel_axes import is_coarser
from tracer.analysis.skips.resolution import Resolutions
from tracer.analysis.skips.skip_link import FEATURE_MAP_RANK
from tracer.record import Step, Trace, Value

MAX_STEPS_AFTER_GATE = 4
"""Operations after which a bounded value is still taken for a gate, such as ``1 + gate``."""

Operands = dict[int, tuple[Value, ...]]
"""For the number of a join, the feature maps that it joins, at least two."""


def joined_feature_maps(trace: Trace, resolutions: Resolutions) -> Operands:
    """Return the operands of each join, in the order of the joins.

    A concatenation of concatenations counts as one. A product with a gate is not a join.
    """
    operands: Operands = {}
    nested: set[int] = set()
    for number in reversed(range(len(trace.steps))):
        step = trace.steps[number]
        kind = traits(step.op).join
        if kind is None or not step.outputs or number in nested:
            continue
        maps = tuple(
            value
            for value in _operands(trace, step, kind, nested)
            if _is_feature_map(step, kind, value, resolutions)
        )
        gated = kind.mode == "product" and any(_is_gate(trace, value) for value in maps)
        if len(maps) > 1 and not gated:
            operands[number] = maps
    return dict(reversed(operands.items()))


def is_along_batch(join: Step, resolutions: Resolutions) -> bool:
    """Return whether a join concatenates maps along the batch, each of them a sample of its own."""
    kind = traits(join.op).join
    if kind is None or kind.mode != "concatenate" or not join.outputs:
        return False
    result = join.outputs[0]
    axes = resolutions.layouts[result.name].axes
    return 0 not in axes and all(
        len(value.shape) >= FEATURE_MAP_RANK
        and value.shape[0] != result.shape[0]
        and value.shape[1:] == result.shape[1:]
        for value in join.inputs
    )


def positions_of_join(join: Step, resolutions: Resolutions) -> Fraction:
    """Return the positions of the output of a join: per operand, where it is along the batch."""
    values = join.inputs if is_along_batch(join, resolutions) else join.outputs[:1]
    return max(map(resolutions.positions, values))


def _operands(trace: Trace, join: Step, kind: JoinKind, nested: set[int]) -> Iterator[Value]:
    """The operands of a join. A concatenation that it concatenates is replaced by its parts.

    The numbers of such steps are added to `nested`.
    """
    queue, visited = list(reversed(join.inputs)), set[str]()
    while queue:
        value = queue.pop()
        if value.name in visited:
            continue
        visited.add(value.name)
        number = trace.producers.get(value.name)
        if number is None or kind.mode != "concatenate" or not _is_of(trace.steps[number], kind):
            yield value
        else:
            nested.add(number)
            queue += reversed(trace.steps[number].inputs)


def _is_of(step: Step, kind: JoinKind) -> bool:
    return traits(step.op).join == kind


def _is_feature_map(join: Step, kind: JoinKind, value: Value, resolutions: Resolutions) -> bool:
    """Whether an operand is a feature map at the resolution of the join.

    It is none if it is broadcast (1x1), or concatenated along the axis of the tokens.
    """
    result = join.outputs[0]
    if len(value.shape) < FEATURE_MAP_RANK or value.name not in resolutions.from_inputs:
        return False
    if kind.mode in {"sum", "product"} and value.shape != result.shape:
        return False
    return not is_coarser(resolutions.positions(value), positions_of_join(join, resolutions))


def _is_gate(trace: Trace, value: Value) -> bool:
    for _ in range(MAX_STEPS_AFTER_GATE):
        number = trace.producers.get(value.name)
        if number is None:
            return False
        step = trace.steps[number]
        if traits(step.op).bounded:
            return True
        if len(step.inputs) != 1 or step.weights:
            return False
        value = step.inputs[0]
    return False
