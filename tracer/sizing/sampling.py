"""Runs of a model at several sizes, from which formulas of its shapes and FLOPs are read off."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tracer.sizing.axes import AxisSizes
from tracer.sizing.runner import Sample

Integers = tuple[int, ...]
"""One number of the model, as it is in every sample."""


@dataclass(frozen=True, slots=True)
class Observation:
    """A run at some sizes, others as given.

    `problem` says why it did not do what the base does: it failed, or ran other operations. It is
    None if it did the same.
    """

    sizes: AxisSizes
    sample: Sample
    problem: str | None


@dataclass(frozen=True, slots=True)
class SampleSet:
    """Samples that all do what the base does, the base first, and all named sizes of each.

    `names` are those that vary. `first` samples behind the base tell all products of powers of the
    sizes apart. `reseeded` is the number of the sample that has the given sizes and other random
    values, 0 if there is none.
    """

    names: tuple[str, ...]
    sizes: tuple[AxisSizes, ...]
    samples: tuple[Sample, ...]
    first: int = 0
    reseeded: int = 0

    def __len__(self) -> int:
        return len(self.samples)

    def add(self, sizes: AxisSizes, sample: Sample) -> SampleSet:
        """The set with one more sample, at these sizes, others as given."""
        whole = {**self.sizes[0], **sizes}
        return replace(self, sizes=(*self.sizes, whole), samples=(*self.samples, sample))

    def holds(self, sizes: AxisSizes) -> bool:
        """Whether there is a sample at these sizes, others as given."""
        return {**self.sizes[0], **sizes} in self.sizes

    def shapes(self, name: str) -> list[Integers]:
        """Each dimension of a value in all samples."""
        shapes = (map(int, sample.shape(name) or ()) for sample in self.samples)
        return list(zip(*shapes, strict=True))

    def flops(self, step: int) -> Integers:
        """The FLOPs of a step, by its number, in all samples; 0 where they are not known."""
        return tuple(sample.flops[step] or 0 for sample in self.samples)

    def depends_on_values(self, numbers: Integers) -> bool:
        """Whether a number is another one on other random values."""
        return numbers[self.reseeded] != numbers[0]
