"""Runs of one model at other sizes than given: what ran, and of what shapes, and nothing else.

A trace keeps everything, a sample only what formulas are read off: so it takes half the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode

from tracer.from_torch.arguments import map_tensors
from tracer.from_torch.axes import Axes
from tracer.from_torch.calls import uncompiled
from tracer.from_torch.capture import Recording, record
from tracer.from_torch.failure import Failure
from tracer.from_torch.recorder import Operation
from tracer.record import Trace, Value

Shapes = tuple[tuple[Any, ...], ...]

@dataclass(frozen=True, slots=True)
class Seen:
    """One operation: its name, the shapes of what it wrote and of the weights it read, its cost."""

    op: str
    outputs: Shapes
    weights: Shapes
    flops: int | None


@dataclass(frozen=True, slots=True)
class Sample:
    """The operations of one run, and what ended it if it failed."""

    inputs: Shapes
    steps: tuple[Seen, ...]
    failure: Failure | None = None

    @property
    def worked(self) -> bool:
        """Whether the model ran to its end."""
        return self.failure is None


class Runs:
    """One model, and the inputs that it is run on at various sizes; each sample is taken once."""

    def __init__(
        self, model: nn.Module, inputs: Any, axes: Axes, *, costly: bool = False
    ) -> None:
        self.axes = axes
        self.model = uncompiled(model)
        self.costly = costly
        """Whether the model runs on real numbers, for it decides by them."""
        self._by_name = isinstance(inputs, Mapping)
        self._samples: dict[tuple[int, ...], Sample] = {}

    def with_axes(self, axes: Axes) -> Runs:
        """Runs of the same model, on inputs of which other axes vary."""
        return Runs(self.model, {} if self._by_name else (), axes, costly=self.costly)

    def record(self, sizes: Mapping[str, int], *, lines: bool = True) -> Recording:
        """A whole recording at those sizes, others as given."""
        given = self.axes.at(sizes)
        return record(self.model, given if self._by_name else tuple(given.values()), lines=lines)

    def sample(self, sizes: Mapping[str, int]) -> Sample:
        """A sample at those sizes, others as given."""
        key = tuple({**self.axes.sizes, **sizes}.values())
        if key not in self._samples:
            self._samples[key] = self._taken(self.axes.at(sizes))
        return self._samples[key]

    def other_numbers(self) -> Sample:
        """A sample at the sizes given, of other numbers than those of the model's own run."""
        return self._taken(map_tensors(self.axes.at({}), _noise))

    def _taken(self, given: Mapping[str, Any]) -> Sample:
        inputs = dict(given) if self._by_name else tuple(given.values())
        recording = record(self.model, inputs, lines=False, graph=False)
        self.costly = is_costly(recording)
        return _sample(recording)


def is_costly(recording: Recording) -> bool:
    """Whether a model ran on real numbers, for it decides by them."""
    return not isinstance(recording.recorder.mode, FakeTensorMode)


def _noise(tensor: Tensor) -> Tensor:
    if not tensor.is_floating_point():
        return tensor
    generator = torch.Generator().manual_seed(1)
    return torch.empty(tensor.shape, dtype=tensor.dtype).normal_(generator=generator)


def _sample(recording: Recording) -> Sample:
    operations: list[Operation] = [node.meta["operation"] for node in recording.recorder.operations]
    steps = (Seen(one.op, _shapes(one.writes), _shapes(one.weights), one.flops) for one in operations)
    return Sample(_shapes(recording.inputs), tuple(steps), recording.failure)


def sample_of(trace: Trace) -> Sample:
    """A whole trace as a sample, to compare others with. Its FLOPs have to be numbers."""
    steps = (
        Seen(step.op, _shapes(step.outputs), _shapes(step.weights), _number(step.flops))
        for step in trace.steps
    )
    return Sample(_shapes(trace.inputs), tuple(steps))


def _shapes(values: Iterable[Value]) -> Shapes:
    return tuple(value.shape for value in values)


def _number(flops: int | str | None) -> int | None:
    return flops if isinstance(flops, int) else None
