"""How many positions in space each value has: its resolution, whichever axis holds its channels.

The number is followed from the inputs of the model through every step. Only what was computed from
an input passes it on: a table of position biases has positions of its own. Where reshapes spread
the channels over two axes (a shuffle written by hand), the channel axis is unknown. A second pass,
backward, takes it from what is done to the value later: a convolution has channels on the second
axis, and the operands of an addition or a concatenation have them on one axis.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction

from tracer.analysis.operations import traits
from tracer.analysis.skips.axis_statistics import broadcast_statistics
from tracer.analysis.skips.channel_axes import (
    ChannelLayout,
    is_coarser,
    layout_before_permutation,
    layout_with_channels,
    numeric_shape,
    output_layout,
    required_layout,
    values_sharing_axes,
)
from tracer.record import Step, Trace, Value, once_per_trace

Layouts = dict[str, ChannelLayout]


@dataclass(frozen=True, slots=True)
class Resolutions:
    """The layout of each value by its name.

    `from_inputs` are the names of the values that were computed from an input of the model,
    `statistics` of those that summarize axes and are broadcast again.
    """

    layouts: Layouts
    from_inputs: set[str] = field(default_factory=set)
    statistics: frozenset[str] = frozenset()

    def positions(self, value: Value) -> Fraction:
        """Return how many positions a value has, as far as it is known."""
        return self.layouts[value.name].positions

    def is_lower_level(self, value: Value, positions: Fraction) -> bool:
        """Return whether a value is at a lower resolution level than one with these positions."""
        return value.name not in self.statistics and is_coarser(self.positions(value), positions)


@once_per_trace
def resolutions(trace: Trace) -> Resolutions:
    """Return the resolutions of a trace, from passes forward and backward through its steps.

    Where the channels of an input are is a guess: it counts only if no later step requires another
    axis. With that known, a second round finds what reshapes have left unknown.
    """
    inputs = {value.name: layout_with_channels(numeric_shape(value)) for value in trace.inputs}
    unknown = {name: ChannelLayout(guess.positions) for name, guess in inputs.items()}
    required = _backward(trace, _forward(trace, unknown).layouts)
    inputs |= {name: required[name] for name in inputs.keys() & required.keys()}
    known = _forward(trace, inputs | _backward(trace, _forward(trace, inputs).layouts))
    statistics = broadcast_statistics(trace, known.layouts, known.from_inputs)
    return replace(known, statistics=statistics)


def _forward(trace: Trace, given: Layouts) -> Resolutions:
    """The layouts that follow from those of the inputs; a layout that is given is kept."""
    names = {value.name for value in trace.inputs}
    layouts = {name: given[name] for name in names}
    known = Resolutions(layouts, names)
    for step in trace.steps:
        source = _source(step, known)
        for value in step.outputs:
            if value.name in given:
                layout = given[value.name]
            elif source is None:
                layout = layout_with_channels(numeric_shape(value))
            else:
                layout = output_layout(step, source, value, layouts[source.name])
            layouts[value.name] = layout
            if any(one.name in names for one in step.inputs) and not traits(step.op).creates:
                names.add(value.name)
    return known


def _source(step: Step, known: Resolutions) -> Value | None:
    """The input whose positions the result has: the first, one of its shape, or the finest."""
    inputs = [value for value in step.inputs if value.name in known.layouts]
    op = traits(step.op)
    if op.resamples or op.keeps_positions:
        return next(iter(inputs), None)
    flowing = [value for value in inputs if value.name in known.from_inputs] or inputs
    shapes = {value.shape for value in step.outputs}
    alike = [value for value in flowing if value.shape in shapes]  # others are broadcast to them
    return max(alike or flowing, key=lambda one: _confidence(known.layouts[one.name]), default=None)


def _confidence(layout: ChannelLayout) -> tuple[bool, Fraction, int]:
    return not layout.is_unknown, layout.positions, -len(layout.axes)


def _backward(trace: Trace, known: Layouts) -> Layouts:
    """For values with an unknown layout, the one that later steps require."""
    found: Layouts = {}
    for step in reversed(trace.steps):
        if not step.inputs:
            continue
        first = step.inputs[0]
        _set_if_unknown(first, required_layout(step, numeric_shape(first)), known, found)
        _share_layout(list(values_sharing_axes(step)), known, found)
        permuted = found.get(step.outputs[0].name) if step.outputs else None
        if permuted and traits(step.op).permutes:
            _set_if_unknown(first, layout_before_permutation(step, permuted), known, found)
    return found


def _share_layout(values: list[Value], known: Layouts, found: Layouts) -> None:
    """Give values with their channels on one axis the layout of the one that is known best."""
    unknown = [value for value in values if _is_unknown(value, known)]
    if not unknown:
        return
    certain = [found[value.name] for value in values if value.name in found]
    certain += [known[value.name] for value in values if not _is_unknown(value, known)]
    if certain:
        best = max(certain, key=_confidence)
        for value in unknown:
            _set_if_unknown(value, _on_axis_of(best, value), known, found)


def _on_axis_of(other: ChannelLayout, value: Value) -> ChannelLayout:
    """The layout of a value that has its channels on the axis of another."""
    if other.is_unknown:
        return other
    layout = layout_with_channels(numeric_shape(value), min(other.axes))
    return replace(layout, axes=other.axes)


def _is_unknown(value: Value, known: Layouts) -> bool:
    return value.name not in known or known[value.name].is_unknown


def _set_if_unknown(
    value: Value, layout: ChannelLayout | None, known: Layouts, found: Layouts
) -> None:
    if layout and value.name in known and known[value.name].is_unknown:
        found.setdefault(value.name, layout)
