"""A model whose input sizes have names, to be run at other sizes and compared with its trace."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tracer.record import Trace
from tracer.sizing.axes import Axes, AxisSizes
from tracer.sizing.divergence import why_unusable
from tracer.sizing.runner import Runner, Sample, TracedRun, sample_of
from tracer.sizing.sampling import Observation


@dataclass(frozen=True, slots=True)
class SizedModel:
    """A runner, names for the sizes of its inputs, and the trace of the run at the given sizes.

    `base_sample` is that trace as a sample. Make one with `SizedModel.of`.
    """

    runner: Runner
    axes: Axes
    base: Trace
    base_sample: Sample

    @staticmethod
    def of(runner: Runner, axes: Axes, base: Trace) -> SizedModel:
        """The model of a runner, by the trace `base` at the sizes of `axes`."""
        return SizedModel(runner, axes, base, sample_of(base))

    def with_axes(self, axes: Axes) -> SizedModel:
        """The same model, with other names for the same sizes."""
        return replace(self, axes=axes)

    @property
    def uses_real_data(self) -> bool:
        """Whether runs compute on real data, which takes time and memory."""
        return self.runner.uses_real_data

    def run(self, sizes: AxisSizes) -> Sample:
        """A run at these sizes, others as given."""
        return self.runner.run(self.axes.shapes(sizes), self.axes.settings_at(sizes))

    def observe(self, sizes: AxisSizes) -> Observation:
        """A run at these sizes, compared with the base."""
        return Observation(sizes, self.run(sizes), self.why_unusable(sizes))

    def trace(self, sizes: AxisSizes, *, lines: bool = True) -> TracedRun:
        """A run at these sizes with all that a trace records."""
        shapes, settings = self.axes.shapes(sizes), self.axes.settings_at(sizes)
        return self.runner.trace(shapes, settings, lines=lines)

    def why_unusable(self, sizes: AxisSizes) -> str | None:
        """Why the run at these sizes does not do what the base does; None if it does."""
        sample, at = self.run(sizes), self.describe(sizes)
        return why_unusable(self.base, self.base_sample, sample, at)

    def describe(self, sizes: AxisSizes) -> str:
        """The sizes that are not as given, as a message names them: ``H = 16, W = 32``."""
        given = self.axes.sizes
        return ", ".join(f"{name} = {size}" for name, size in sizes.items() if size != given[name])
