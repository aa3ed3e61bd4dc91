"""Runs of a model at several sizes, from which formulas of its shapes and FLOPs are read off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from tracer.sizing.axes import Axes, AxisSizes
from tracer.sizing.runner import Sample
from tracer.sizing.sized_model import SizedModel
from tracer.sizing.step_plan import StepPlan

COARSE_TRIES = 12
"""At most so many sizes are tried for further samples."""

Integers = tuple[int, ...]
"""One number of the model, as it is in every sample."""


@dataclass(frozen=True, slots=True)
class SampleSet:
    """Samples that all do what the base does, the base first, and all named sizes of each.

    `names` are those that vary. `first` samples behind the base tell all products of powers of the
    sizes apart.
    """

    names: tuple[str, ...]
    sizes: tuple[AxisSizes, ...]
    samples: tuple[Sample, ...]
    first: int

    def add(self, sizes: AxisSizes, sample: Sample) -> SampleSet:
        """The set with one more sample, at these sizes, others as given."""
        whole = {**self.sizes[0], **sizes}
        return replace(self, sizes=(*self.sizes, whole), samples=(*self.samples, sample))

    def shapes(self, name: str) -> list[Integers]:
        """Each dimension of a value in all samples."""
        shapes = (map(int, sample.shape(name) or ()) for sample in self.samples)
        return list(zip(*shapes, strict=True))

    def flops(self, step: int) -> Integers:
        """The FLOPs of a step, by its number, in all samples; 0 where they are not known."""
        return tuple(sample.flops[step] or 0 for sample in self.samples)


def take_first_samples(model: SizedModel, plan: StepPlan) -> SampleSet:
    """The samples of a plan."""
    sizes, names = model.axes.sizes, model.axes.names
    found = SampleSet(names, (sizes,), (model.base_sample,), len(plan.first_sizes))
    for more in plan.first_sizes:
        found = found.add(more, model.run(more))
    return found


def take_sample(model: SizedModel, samples: SampleSet, sizes: AxisSizes) -> SampleSet | None:
    """The samples and one at these sizes; None if the model does not do the same there."""
    usable = model.why_unusable(sizes) is None
    return samples.add(sizes, model.run(sizes)) if usable else None


def take_more_samples(
    model: SizedModel, samples: SampleSet, steps: Mapping[str, int], count: int
) -> SampleSet:
    """The samples and more at coarse sizes, until there are `count` of them, or as many as work.

    A model on real data is sampled along one axis at a time, and needs `count` for each.
    """
    for sizes in _coarse_sizes(model, steps):
        if len(samples.samples) >= count:
            break
        if {**samples.sizes[0], **sizes} not in samples.sizes:
            samples = take_sample(model, samples, sizes) or samples
    return samples


def samples_for(model: SizedModel, per_direction: int) -> int:
    """How many samples there have to be, if so many are needed for each direction of growth."""
    return per_direction * (len(model.axes.names) if model.uses_real_data else 1)


def _coarse_sizes(model: SizedModel, steps: Mapping[str, int]) -> Iterator[AxisSizes]:
    """Sizes that are very likely to work, in many proportions."""
    given, names = model.axes.sizes, model.axes.names
    for number in range(2, COARSE_TRIES + 2):
        if model.uses_real_data:
            name = names[number % len(names)]
            yield {name: given[name] + steps[name] * (2 + number // len(names))}
        else:
            yield {
                name: given[name] + steps[name] * (1 + (number * (position + 1)) % 5)
                for position, name in enumerate(names)
            }


def sizes_above(axes: Axes, steps: Mapping[str, int], count: int) -> AxisSizes:
    """Sizes that exceed the given ones by `count` steps, each further axis by two steps more."""
    return {
        name: axes.sizes[name] + steps[name] * (count + 2 * position)
        for position, name in enumerate(axes.names)
    }


def least_sizes(axes: Axes, steps: Mapping[str, int]) -> AxisSizes:
    """The smallest size that steps down lead to, where that is not the given size."""
    given = axes.sizes
    found = {name: given[name] % steps[name] or steps[name] for name in axes.names}
    return {name: size for name, size in found.items() if size != given[name]}


def half_sizes(axes: Axes, steps: Mapping[str, int]) -> AxisSizes:
    """About half of each size that can be halved in whole steps."""
    found = {}
    for position, name in enumerate(axes.names):
        size, step = axes.sizes[name], steps[name]
        fewer_steps = max(1, size // (2 * step) - position % 2)
        if size - fewer_steps * step > 0:
            found[name] = size - fewer_steps * step
    return found
