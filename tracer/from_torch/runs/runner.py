"""Runs of one model at other sizes than given: what ran, and of what shapes, and nothing else.

A trace keeps everything, a sample only what formulas are read off: so it takes half the time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn

from tracer.from_torch.capture.failure import Failure
from tracer.from_torch.capture.model_call import uncompiled
from tracer.from_torch.capture.pytree import map_tensors
from tracer.from_torch.capture.recording import Recording, record
from tracer.from_torch.runs.axis_names import Axes
from tracer.from_torch.runs.model_factory import ModelFactory
from tracer.record import Trace, Value

Shape = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """The operations of one run with their FLOPs, the shape of each value, and what ended it."""

    ops: tuple[str, ...]
    flops: tuple[int | None, ...]
    shapes: Mapping[str, Shape]
    failure: Failure | None = None

    @property
    def worked(self) -> bool:
        """Whether the model ran to its end."""
        return self.failure is None

    def shape(self, name: str) -> Shape | None:
        """The shape of a value by its name.

        A view that was changed in place has a value of its own from then on, if it is looked at,
        and a sample looks at less than a trace; it has the shape that it had before.
        """
        found = self.shapes.get(name)
        return self.shapes.get(name.rpartition(".")[2]) if found is None else found


class ModelRunner:
    """One model, and the inputs that it is run on at various sizes; each sample is taken once."""

    def __init__(self, model: nn.Module, inputs: Any, axes: Axes, *, costly: bool = False) -> None:
        self.axes = axes
        self.model = uncompiled(model)
        self.varied: ModelFactory | None = None
        """What the model is built by, where sizes of its own vary."""
        self.costly = costly
        """Whether the model runs on real numbers, for it decides by them."""
        self._by_name = isinstance(inputs, Mapping)
        self._samples: dict[tuple[int, ...], Sample] = {}

    def with_axes(self, axes: Axes) -> ModelRunner:
        """Runs of the same model, on inputs of which other axes vary."""
        other = ModelRunner(self.model, {} if self._by_name else (), axes, costly=self.costly)
        other.varied = self.varied
        return other

    def moved(self, sizes: Mapping[str, int]) -> ModelRunner:
        """Runs of the same model, on inputs of other sizes."""
        return self.with_axes(self.axes.moved(sizes))

    def record(self, sizes: Mapping[str, int], *, lines: bool = True) -> Recording:
        """A whole recording at those sizes, others as given."""
        given = self.axes.at(sizes)
        inputs = given if self._by_name else tuple(given.values())
        return record(self._model_at(sizes), inputs, lines=lines)

    def sample(self, sizes: Mapping[str, int]) -> Sample:
        """A sample at those sizes, others as given."""
        key = tuple({**self.axes.sizes, **sizes}.values())
        if key not in self._samples:
            self._samples[key] = self._taken(self.axes.at(sizes), sizes)
        return self._samples[key]

    def other_numbers(self) -> Sample:
        """A sample at the sizes given, of other numbers than those of the model's own run."""
        return self._taken(map_tensors(self.axes.at({}), _noise), {})

    def _model_at(self, sizes: Mapping[str, int]) -> nn.Module:
        """The model, built for sizes of its own. Raises TraceError where it cannot be."""
        return self.varied.model(self.axes.known(sizes)) if self.varied else self.model

    def _taken(self, given: Mapping[str, Any], sizes: Mapping[str, int]) -> Sample:
        inputs = dict(given) if self._by_name else tuple(given.values())
        try:
            model = self._model_at(sizes)
        except Exception as error:  # a constructor may raise anything
            return Sample((), (), {}, Failure(error, "", None))
        recording = record(model, inputs, blocks=False, lines=False)
        self.costly = is_costly(recording)
        return _sample(recording)


def is_costly(recording: Recording) -> bool:
    """Whether a model ran on real numbers, for it decides by them."""
    return recording.on_real_data


def _noise(tensor: Tensor) -> Tensor:
    if not tensor.is_floating_point():
        return tensor
    generator = torch.Generator().manual_seed(1)
    return torch.empty(tensor.shape, dtype=tensor.dtype).normal_(generator=generator)


def _sample(recording: Recording) -> Sample:
    operations = recording.operations
    values = [recording.inputs, *(one.writes for one in operations)]
    values += [one.weights for one in operations]
    if recording.failure is not None:
        recording.failure.error.__traceback__ = None  # whose frames keep tensors alive
    return Sample(
        ops=tuple(one.op for one in operations),
        flops=tuple(one.flops for one in operations),
        shapes=_shapes(chain.from_iterable(values)),
        failure=recording.failure,
    )


def sample_of(trace: Trace) -> Sample:
    """A whole trace as a sample, to compare others with. Its FLOPs have to be numbers."""
    return Sample(
        ops=tuple(step.op for step in trace.steps),
        flops=tuple(step.flops if isinstance(step.flops, int) else None for step in trace.steps),
        shapes=_shapes(values_of(trace)),
    )


def values_of(trace: Trace) -> Iterator[Value]:
    """The inputs, and what each step wrote and read of the weights."""
    yield from trace.inputs
    for step in trace.steps:
        yield from step.outputs
        yield from step.weights


def _shapes(values: Iterable[Value]) -> dict[str, Shape]:
    return {value.name: value.shape for value in values}
