"""Values that summarize whole axes and are broadcast again: gates, means, deviations.

A mean over all positions has one position, but what is multiplied by it keeps its resolution. Such
a value, and what is computed from it until it is broadcast, is no lower resolution level. What is
made larger again in any other way (a transposed convolution, a linear layer and a reshape) is one,
and so is a mean over small groups of neighboring positions.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import prod

from tracer.analysis.operations import traits
from tracer.analysis.skips.axis_groups import dropped_axes, regrouped_axes
from tracer.analysis.skips.channel_axes import ChannelLayout, numeric_shape
from tracer.record import Step, Trace, Value

AxisParts = tuple[frozenset[int], ...]
"""For each axis that a reshape split, the axes that it became."""

MIN_GLOBAL_RATIO = 4
"""An axis that one pooling reduces at least by this factor to a single position is pooled whole."""


def broadcast_statistics(
    trace: Trace, layouts: dict[str, ChannelLayout], from_inputs: Collection[str]
) -> frozenset[str]:
    """Return the names of the values that summarize axes, and that are only broadcast again.

    Args:
        trace: The trace, with sizes as numbers.
        layouts: The layout of each value by its name.
        from_inputs: The names of the values that were computed from an input of the model.
    """
    collapsed = _collapsed_values(trace, layouts, from_inputs)
    upsampled: set[str] = set()
    for step in reversed(trace.steps):
        outputs = {value.name for value in step.outputs}
        for value in step.inputs:
            if value.name in collapsed and not _is_kept_or_broadcast(
                step, value, collapsed, upsampled, outputs
            ):
                upsampled.add(value.name)
    return frozenset(collapsed.keys() - upsampled)


def _is_kept_or_broadcast(
    step: Step,
    value: Value,
    collapsed: dict[str, bool],
    upsampled: set[str],
    outputs: set[str],
) -> bool:
    """Whether a step makes another statistic of a collapsed value, or broadcasts it."""
    if outputs <= collapsed.keys():
        return not outputs & upsampled
    return _broadcasts(step, value, pooled_whole=collapsed[value.name])


def _collapsed_values(
    trace: Trace, layouts: dict[str, ChannelLayout], from_inputs: Collection[str]
) -> dict[str, bool]:
    """The values with a collapsed axis, and whether that was collapsed at once."""
    collapsed: dict[str, bool] = {}
    parts: dict[str, AxisParts] = {}
    for step in trace.steps:
        inputs = [value for value in step.inputs if value.name in from_inputs]
        for value in step.outputs if inputs else ():
            parts[value.name] = _axis_parts(step, inputs[0], value, parts)
            ratio = max(
                _collapse_ratio(one, value, layouts, parts.get(one.name, ())) for one in inputs
            )
            if ratio > 1:
                op = traits(step.op)
                whole = ratio >= MIN_GLOBAL_RATIO or op.adapts or not op.resamples
                collapsed[value.name] = whole
            elif _stays_collapsed(value, inputs, collapsed, layouts):
                known = [collapsed[one.name] for one in inputs if one.name in collapsed]
                collapsed[value.name] = all(known)
    return collapsed


def _axis_parts(
    step: Step, source: Value, value: Value, parts: Mapping[str, AxisParts]
) -> AxisParts:
    """The axes of a value that a reshape split one axis into, for each such axis.

    The batch does not count: what is left of it is not a position.
    """
    old, new = numeric_shape(source), numeric_shape(value)
    if old == new:
        return parts.get(source.name, ()) if not traits(step.op).permutes else ()
    if not traits(step.op).moves or prod(old) != prod(new) or traits(step.op).permutes:
        return ()
    return tuple(
        frozenset(axis for axis in group.after if new[axis] > 1)
        for group in regrouped_axes(old, new)
        if group.is_split and group.before[0] > 0
    )


def _collapse_ratio(
    source: Value, value: Value, layouts: dict[str, ChannelLayout], parts: AxisParts
) -> int:
    """How many positions of an axis became one; 1 if no axis was collapsed.

    A mean over a part of an axis, of which another part is left, pools its positions in groups.
    """
    before, after = layouts[source.name], layouts[value.name]
    if after.positions >= before.positions or not after.positions:
        return 1
    old, new = numeric_shape(source), numeric_shape(value)
    if any(_are_parts(dropped, parts) for dropped in dropped_axes(old, new)):
        return 1
    if len(new) < len(old):
        return int(before.positions / after.positions)
    axes = (axis for axis, size in enumerate(new) if size == 1 and axis not in after.axes)
    return max((old[axis] for axis in axes if axis < len(old)), default=1)


def _are_parts(dropped: frozenset[int], parts: AxisParts) -> bool:
    """Whether of the axis that each dropped one was split from, something is left."""
    return bool(dropped) and all(
        any(axis in part and not part <= dropped for part in parts) for axis in dropped
    )


def _stays_collapsed(
    value: Value,
    inputs: list[Value],
    collapsed: dict[str, bool],
    layouts: dict[str, ChannelLayout],
) -> bool:
    """Whether what was computed from collapsed values has no more positions than they have."""
    known = [one for one in inputs if one.name in collapsed]
    if not known:
        return False
    positions = sum(layouts[one.name].positions for one in known)
    return layouts[value.name].positions <= positions


def _broadcasts(step: Step, value: Value, *, pooled_whole: bool) -> bool:
    """Whether a step repeats a collapsed value at the positions of another, or reads it there."""
    op = traits(step.op)
    if op.broadcasts or op.repeats or op.attends or op.matrix_product:
        return True
    if op.join is not None and op.join.mode == "concatenate":
        return True
    if op.interpolates:
        return pooled_whole
    others = [one.shape for one in (*step.inputs, *step.weights) if one.name != value.name]
    return any(one.shape in others for one in step.outputs)
