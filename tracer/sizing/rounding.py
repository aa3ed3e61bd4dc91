"""How a model handles a size that its halvings do not divide: on another path, or rounded.

Some models pad such an image, others resize the upsampled tensor to the size of the skip. The size
is legal then, but its shapes are not those that the formulas give.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Literal

from tracer.analysis.size_rules import Rule, SizeAdaptation
from tracer.record import Step, Trace, Value
from tracer.sizing.divergence import describe_step, first_divergence
from tracer.sizing.runner import Sample


def size_adaptation(
    base: Trace, base_sample: Sample, rule: Rule, samples: Mapping[int, Sample]
) -> SizeAdaptation | None:
    """What the model does at a size that the rule allows but does not do at the given one.

    Args:
        base: The trace at the given size.
        base_sample: The same trace as a sample.
        rule: The rule of the size.
        samples: The runs that worked, by the size.
    """
    for size, sample in samples.items():
        if rule.allows(size):
            divergence = first_divergence(base, base_sample, sample)
            if divergence is not None:
                return SizeAdaptation("path", size, divergence)
    return _rounded(base, base_sample, rule, samples)


def _rounded(
    base: Trace, base_sample: Sample, rule: Rule, samples: Mapping[int, Sample]
) -> SizeAdaptation | None:
    """Where the next size that works is rounded, and where that is made up for."""
    size, even = rule.given + rule.multiple, max(samples, default=0)
    if size not in samples or even <= size:
        return None
    fraction = Fraction(size - rule.given, even - rule.given)
    linearity = Linearity(base_sample, samples[even], samples[size], fraction)
    lost = next((step for step in base.steps if linearity.is_lost(step)), None)
    if lost is None:
        return None
    regained = [step for step in base.steps if linearity.is_regained(step)]
    again = f", and {linearity.describe(regained[-1])} again" if regained else ""
    kind: Literal["path", "rounds"] = "path" if regained else "rounds"
    return SizeAdaptation(kind, size, f"{linearity.describe(lost)}{again}")


@dataclass(frozen=True, slots=True)
class Linearity:
    """Tests whether each dimension equals start + fraction * (end - start), so was not rounded.

    `start` and `end` are the samples at two sizes, `sample` is the one at a size between them.
    """

    start: Sample
    end: Sample
    sample: Sample
    fraction: Fraction

    def is_lost(self, step: Step) -> bool:
        """Whether a step makes a rounded dimension from inputs without one."""
        rounded, before = self._rounded_axis(step.outputs), self._rounded_axis(step.inputs)
        return rounded is not None and before is None

    def is_regained(self, step: Step) -> bool:
        """Whether a step makes only dimensions that are not rounded, from a rounded one."""
        exact = self._rounded_axis(step.outputs) is None and any(map(self._varies, step.outputs))
        return exact and self._change(step, step.inputs) is not None

    def describe(self, step: Step) -> str:
        """``conv2d in down.0 turns 33 into 17``, along the axis that is rounded."""
        before, after = self._change(step, (*step.outputs, *step.inputs)) or ("another", "one")
        return f"{describe_step(step)} turns {before} into {after}"

    def _change(self, step: Step, values: Iterable[Value]) -> tuple[int, int] | None:
        """The sizes before and after a step, along the axis on which one of the values is off."""
        rounded = self._rounded_axis(values)
        if rounded is None:
            return None
        axis, rank = rounded
        for one, two in product(step.inputs, step.outputs):
            before, after = self.sample.shape(one.name), self.sample.shape(two.name)
            if before and after and len(before) == len(after) == rank and before != after:
                return int(before[axis]), int(after[axis])
        return None

    def _varies(self, value: Value) -> bool:
        return self.start.shape(value.name) != self.end.shape(value.name)

    def _rounded_axis(self, values: Iterable[Value]) -> tuple[int, int] | None:
        """The first rounded axis of one of the values, and the rank of that value."""
        for value in values:
            shapes = [one.shape(value.name) or () for one in (self.start, self.end, self.sample)]
            for axis, sizes in enumerate(zip(*shapes, strict=False)):
                start, end, size = map(int, sizes)
                if size != start + (end - start) * self.fraction:
                    return axis, len(shapes[0])
        return None
