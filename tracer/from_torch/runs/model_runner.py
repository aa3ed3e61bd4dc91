"""Runs one PyTorch model again with inputs of other shapes, for `tracer.sizing`.

A run keeps only what formulas and rules need, not blocks and lines, and takes half the time of a
trace.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn

from tracer.errors import error_text
from tracer.from_torch.capture.convert import to_trace
from tracer.from_torch.capture.failure import Failure
from tracer.from_torch.capture.model_call import Inputs, named_inputs, uncompiled
from tracer.from_torch.capture.pytree import map_tensors, tensors_in
from tracer.from_torch.capture.recording import Recording, record
from tracer.from_torch.capture.value_table import dtype_name
from tracer.from_torch.runs.model_factory import ModelFactory
from tracer.record import Value
from tracer.sizing.axes import tensors_of
from tracer.sizing.run_progress import announce_run
from tracer.sizing.runner import RunFailure, Sample, TensorShape, TracedRun, shapes_by_name

RunKey = tuple[tuple[tuple[str, TensorShape], ...], tuple[tuple[str, int], ...]]


class ModelRunner:
    """A model and its inputs, as a `tracer.sizing.runner.Runner`. Each sample is taken once."""

    def __init__(
        self,
        model: nn.Module,
        inputs: Inputs,
        *,
        factory: ModelFactory | None = None,
        uses_real_data: bool = False,
    ) -> None:
        """Make a runner that runs `model` on inputs like `inputs`.

        Args:
            model: The model. It is never changed.
            inputs: The inputs as given to `tracer.trace`.
            factory: What builds the model, if numbers of its own vary.
            uses_real_data: Whether runs need real data. If not given, the first run finds out.
        """
        self._model = uncompiled(model)
        self._factory = factory
        self._by_name = isinstance(inputs, Mapping)
        self._given = named_inputs(self._model, inputs)
        self._names = _tensor_names(self._given)
        self._uses_real_data = uses_real_data
        self._samples: dict[RunKey, Sample] = {}
        self.inputs = {
            argument: tuple(_value(self._names[id(one)], one) for one in tensors_in(item))
            for argument, item in self._given.items()
        }
        self._given_shapes = {one.name: one.shape for one in tensors_of(self.inputs)}
        self.settings: Mapping[str, int] = factory.values if factory else {}

    @staticmethod
    def of_recording(
        recording: Recording, inputs: Inputs, factory: ModelFactory | None = None
    ) -> ModelRunner:
        """A runner of the recorded model; `inputs` are those that it was recorded with."""
        runner = ModelRunner(
            recording.model, inputs, factory=factory, uses_real_data=recording.on_real_data
        )
        if recording.failure is None:
            runner._samples[(), tuple(runner.settings.items())] = to_sample(recording)
        return runner

    def with_inputs(self, inputs: Inputs) -> ModelRunner:
        """A runner of the same model on other inputs."""
        return ModelRunner(
            self._model, inputs, factory=self._factory, uses_real_data=self._uses_real_data
        )

    @property
    def uses_real_data(self) -> bool:
        """Whether runs compute on real data, because the model branches on values."""
        return self._uses_real_data

    def run(self, shapes: Mapping[str, TensorShape], settings: Mapping[str, int]) -> Sample:
        """A run with inputs of these shapes, by the names in `inputs`; others as given."""
        changed = {
            name: shape for name, shape in shapes.items() if shape != self._given_shapes.get(name)
        }
        key = tuple(changed.items()), tuple(settings.items())
        if key not in self._samples:
            announce_run(changed or self._given_shapes, settings)
            self._samples[key] = self._sample(self._inputs_at(changed), settings)
        return self._samples[key]

    def run_reseeded(self) -> Sample:
        """A run with the inputs as given, but with other random values in them."""
        return self._sample(map_tensors(self._given, _noise), self.settings)

    def trace(
        self, shapes: Mapping[str, TensorShape], settings: Mapping[str, int], *, lines: bool
    ) -> TracedRun:
        """Such a run with all that a trace records. Raises what the constructor raises."""
        inputs = self._arguments(self._inputs_at(shapes))
        return to_traced_run(record(self._model_with(settings), inputs, lines=lines))

    def _sample(self, inputs: Mapping[str, Any], settings: Mapping[str, int]) -> Sample:
        try:
            model = self._model_with(settings)
        except Exception as error:  # a constructor may raise anything
            return Sample((), (), {}, RunFailure(type(error).__name__, error_text(error)))
        recording = record(model, self._arguments(inputs), blocks=False, lines=False)
        self._uses_real_data |= recording.on_real_data
        return to_sample(recording)

    def _model_with(self, settings: Mapping[str, int]) -> nn.Module:
        return self._factory.model(settings) if self._factory else self._model

    def _arguments(self, inputs: Mapping[str, Any]) -> Inputs:
        return dict(inputs) if self._by_name else tuple(inputs.values())

    def _inputs_at(self, shapes: Mapping[str, TensorShape]) -> dict[str, Any]:
        """The inputs with these shapes; what has another shape than given has no data."""

        def resized(tensor: Tensor) -> Tensor:
            shape = tuple(map(int, shapes.get(self._names.get(id(tensor), ""), tensor.shape)))
            if shape == tuple(tensor.shape):
                return tensor
            return torch.empty(shape, dtype=tensor.dtype, device="meta")

        return {name: map_tensors(item, resized) for name, item in self._given.items()}


def to_traced_run(recording: Recording) -> TracedRun:
    """A recording as data that needs no torch."""
    return TracedRun(to_trace(recording), _run_failure(recording.failure))


def to_sample(recording: Recording) -> Sample:
    """What a recording shows of sizes. No tensor of the run stays alive."""
    operations = recording.operations
    values = [recording.inputs, *(one.writes for one in operations)]
    values += [one.weights for one in operations]
    if recording.failure is not None:
        recording.failure.error.__traceback__ = None  # its frames keep tensors alive
    return Sample(
        ops=tuple(one.op for one in operations),
        flops=tuple(one.flops for one in operations),
        shapes=shapes_by_name(chain.from_iterable(values)),
        failure=_run_failure(recording.failure),
    )


def _run_failure(failure: Failure | None) -> RunFailure | None:
    if failure is None:
        return None
    file, line = failure.source_line or (None, None)
    return RunFailure(
        error=type(failure.error).__name__,
        message=error_text(failure.error),
        block=failure.block,
        file=file,
        line=line,
        op=failure.op,
        operands=failure.operands,
    )


def _tensor_names(inputs: Mapping[str, Any]) -> dict[int, str]:
    """The name of each input tensor by its id: its argument and, inside a container, a number."""
    names: dict[int, str] = {}
    for argument, item in inputs.items():
        for number, tensor in enumerate(tensors_in(item)):
            inside = not isinstance(item, Tensor)
            names.setdefault(id(tensor), f"{argument}.{number}" if inside else argument)
    return names


def _value(name: str, tensor: Tensor) -> Value:
    return Value(name, tuple(map(int, tensor.shape)), dtype_name(tensor.dtype))


def _noise(tensor: Tensor) -> Tensor:
    if not tensor.is_floating_point():
        return tensor
    generator = torch.Generator().manual_seed(1)
    return torch.empty(tensor.shape, dtype=tensor.dtype).normal_(generator=generator)
