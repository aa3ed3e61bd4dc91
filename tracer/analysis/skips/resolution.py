"""How many places in space each value has: its resolution, wherever its channels stand.

The number is followed from the inputs of the model through every step. Only what was computed from
an input passes it on: a table of position biases has places of its own. Where reshapes spread the
channels over two axes (a shuffle written by hand), the number is lost. It is found again by what is
done to the value later: a convolution takes channels on the second axis, and what is added or
concatenated has its channels on one axis.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction

from tracer.analysis.skips.channel_axes import (
    KEEP_PLACES,
    NEW,
    RESAMPLE,
    TURN,
    Reading,
    along,
    asked,
    following,
    numbers,
    of_one_layout,
)
from tracer.record import Step, Trace, Value, once_per_trace

Readings = dict[str, Reading]


@dataclass(frozen=True, slots=True)
class Resolutions:
    """By the name of each value, how it is read, and whether an input of the model led to it."""

    readings: Readings
    flowing: set[str] = field(default_factory=set)

    def places(self, value: Value) -> Fraction:
        """How many places a value has, as far as it is known."""
        return self.readings[value.name].places


@once_per_trace
def resolutions(trace: Trace) -> Resolutions:
    """The resolutions of a trace: read forward, then what was lost backward, and forward again."""
    return _forward(trace, _found_again(trace, _forward(trace, {}).readings))


def _forward(trace: Trace, found: Readings) -> Resolutions:
    names = {value.name for value in trace.inputs}
    given = {value.name: along(numbers(value)) for value in trace.inputs}
    known = Resolutions(given | {name: found[name] for name in names & found.keys()}, names)
    for step in trace.steps:
        source = _source(step, known)
        for value in step.outputs:
            if value.name in found:
                reading = found[value.name]
            elif source is None:
                reading = along(numbers(value))
            else:
                reading = following(step, source, value, known.readings[source.name])
            known.readings[value.name] = reading
            if step.op not in NEW and any(one.name in names for one in step.inputs):
                names.add(value.name)
    return known


def _source(step: Step, known: Resolutions) -> Value | None:
    """The input that the result has the places of: the first, one of its shape, or the finest."""
    inputs = [value for value in step.inputs if value.name in known.readings]
    if step.op in RESAMPLE or step.op in KEEP_PLACES:
        return next(iter(inputs), None)
    flowing = [value for value in inputs if value.name in known.flowing] or inputs
    whole = {value.shape for value in step.outputs}
    alike = [value for value in flowing if value.shape in whole]  # others are broadcast to them

    return max(alike or flowing, key=lambda one: _worth(known.readings[one.name]), default=None)


def _worth(reading: Reading) -> tuple[bool, Fraction, int]:
    return not reading.lost, reading.places, -len(reading.axes)


def _found_again(trace: Trace, known: Readings) -> Readings:
    """For values whose reading was lost, what was done to them later, or to what they met.

    That of an input was a guess.
    """
    found: Readings = {}
    known = known | {value.name: Reading(known[value.name].places) for value in trace.inputs}
    for step in reversed(trace.steps):
        if step.inputs:
            _find(step.inputs[0], asked(step, numbers(step.inputs[0])), known, found)
        layout = list(of_one_layout(step))
        sure = [found[value.name] for value in layout if value.name in found]
        sure += [known[value.name] for value in layout if not _is_lost(value, known)]
        for value in layout if len(layout) > 1 else ():
            if sure and _is_lost(value, known):
                _find(value, _like(max(sure, key=_worth), value), known, found)
        turned = found.get(step.outputs[0].name) if step.op in TURN and step.outputs else None
        if turned and step.inputs:
            _find(step.inputs[0], Reading(turned.places), known, found)
    return found


def _like(other: Reading, value: Value) -> Reading:
    """A value with its channels on the axis of another."""
    if other.lost:
        return other
    return replace(along(numbers(value), min(other.axes)), axes=other.axes)


def _is_lost(value: Value, known: Readings) -> bool:
    return value.name not in known or known[value.name].lost


def _find(value: Value, reading: Reading | None, known: Readings, found: Readings) -> None:
    if reading and value.name in known and known[value.name].lost:
        found.setdefault(value.name, reading)
