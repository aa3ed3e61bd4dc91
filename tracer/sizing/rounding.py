"""How a model gets along with a size that its halvings do not divide: by another path, or mended.

Some models pad such an image, others resize what comes up to the size of the skip that waits. The
size is legal then, and yet its shapes are not those that the formulas say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product

from tracer.analysis.size_rules import Rule, SizeAdaptation
from tracer.from_torch.runs.runner import Sample
from tracer.record import Step, Trace, Value
from tracer.sizing.divergence import parting


def detour(
    trace: Trace, first: Sample, rule: Rule, samples: Mapping[int, Sample]
) -> SizeAdaptation | None:
    """What the model does at a size that the rule allows, and does not at the one given.

    `samples` are those that worked, by their size.
    """
    for size, sample in samples.items():
        parted = parting(trace, first, sample) if rule.allows(size) else None
        if parted is not None:
            return SizeAdaptation("path", size, parted)
    return _mended(trace, first, rule, samples)


def _mended(
    trace: Trace, first: Sample, rule: Rule, samples: Mapping[int, Sample]
) -> SizeAdaptation | None:
    """Where a size is rounded, and where that is made up for, at the next size that works."""
    size, even = rule.given + rule.multiple, max(samples, default=0)
    if size not in samples or even <= size:
        return None
    growth = Fraction(size - rule.given, even - rule.given)
    evenness = Linearity(first, samples[even], samples[size], growth)
    begun = next((step for step in trace.steps if evenness.is_lost(step)), None)
    if begun is None:
        return None
    mended = [step for step in trace.steps if evenness.is_regained(step)]
    again = f", and {evenness.told(mended[-1])} again" if mended else ""
    return SizeAdaptation("path" if mended else "rounds", size, f"{evenness.told(begun)}{again}")


@dataclass(frozen=True, slots=True)
class Linearity:
    """Which sizes of a sample lie on the line between two others, of which one lies `growth` along.

    On it lie those that are a multiple of the size that was varied, or a multiple and a number.
    """

    start: Sample
    end: Sample
    sample: Sample
    growth: Fraction

    def is_lost(self, step: Step) -> bool:
        """Whether a step makes a size that is rounded of one that is not."""
        return self._off(step.outputs) is not None and self._off(step.inputs) is None

    def is_regained(self, step: Step) -> bool:
        """Whether a step makes only sizes that are not rounded of one that is."""
        even = self._off(step.outputs) is None and any(map(self._varies, step.outputs))
        return even and self._changed(step, step.inputs) is not None

    def told(self, step: Step) -> str:
        """``conv2d in down.0 makes 17 of 33``, along the axis that is rounded."""
        place = f" at {step.file}:{step.line}" if step.file else ""
        where = f"{step.op} in {step.block or 'the model itself'}{place}"
        before, after = self._changed(step, (*step.outputs, *step.inputs)) or ("another", "one")
        return f"{where} makes {after} of {before}"

    def _changed(self, step: Step, values: Iterable[Value]) -> tuple[int, int] | None:
        """The sizes before and after a step, along the axis on which one of the values is off."""
        off = self._off(values)
        if off is None:
            return None
        for one, two in product(step.inputs, step.outputs):
            before, after = self.sample.shape(one.name), self.sample.shape(two.name)
            if before and after and len(before) == len(after) == off[1] and before != after:
                return before[off[0]], after[off[0]]
        return None

    def _varies(self, value: Value) -> bool:
        return self.start.shape(value.name) != self.end.shape(value.name)

    def _off(self, values: Iterable[Value]) -> tuple[int, int] | None:
        """The first axis of a value that is rounded, and of how many."""
        for value in values:
            shapes = [one.shape(value.name) or () for one in (self.start, self.end, self.sample)]
            for axis, (start, end, size) in enumerate(zip(*shapes, strict=False)):
                if size != start + (end - start) * self.growth:
                    return axis, len(shapes[0])
        return None
