"""What the search for sizes needs of a model: `Runner` runs it, `Sample` is what one run shows.

Nothing in this package knows how a model is run. A `Runner` may be a PyTorch model on tensors
without data, or a small function in a test.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from tracer.record import Dim, Trace, Value

TensorShape = tuple[Dim, ...]
InputTensors = Mapping[str, tuple[Value, ...]]
"""The tensors in each argument of a model, in order. A tensor that is an argument by itself has the
name of that argument."""


@dataclass(frozen=True, slots=True)
class RunFailure:
    """The exception that ended a run, and where it was raised.

    `error` is the name of its class, `message` its whole text. `op` and `operands` are the
    operation that raised it, None and empty where the model's own code did. `block` is the
    `Block.call` that was running, `file` and `line` the innermost line of the model's own source.
    """

    error: str
    message: str = ""
    block: str = ""
    file: str | None = None
    line: int | None = None
    op: str | None = None
    operands: tuple[Value, ...] = ()

    @property
    def summary(self) -> str:
        """The first line of the message, or the name of the exception if it has no message."""
        return (self.message.strip().splitlines() or [self.error])[0]

    @property
    def headline(self) -> str:
        """The exception as the last line of a traceback shows it: ``ValueError: too small``."""
        return f"{self.error}: {self.summary}" if self.message.strip() else self.error


@dataclass(frozen=True, slots=True)
class Sample:
    """What one run did: its operations and their FLOPs, the shape of each value, how it ended.

    `shapes` holds the shape of every input, output and weight by the name of its value. `failure`
    is None for a run that reached the end.
    """

    ops: tuple[str, ...]
    flops: tuple[int | None, ...]
    shapes: Mapping[str, TensorShape]
    failure: RunFailure | None = None

    @property
    def worked(self) -> bool:
        """Whether the model ran to its end."""
        return self.failure is None

    def shape(self, name: str) -> TensorShape | None:
        """The shape of a value by its name, None if the run has no such value.

        A trace gives a new value to a view whose base was changed in place; a sample does not, so
        the shape is that of the view before the change.
        """
        found = self.shapes.get(name)
        return self.shapes.get(name.rpartition(".")[2]) if found is None else found


@dataclass(frozen=True, slots=True)
class TracedRun:
    """A run with all that a trace records; the trace ends where the failure was raised."""

    trace: Trace
    failure: RunFailure | None = None


class Runner(Protocol):
    """A model and its inputs, to be run again with inputs of other shapes."""

    @property
    def inputs(self) -> InputTensors:
        """The tensors of the inputs as given."""

    @property
    def settings(self) -> Mapping[str, int]:
        """The numbers that the model was built with and can be built with again."""

    @property
    def uses_real_data(self) -> bool:
        """Whether runs compute on real data, which takes time and memory."""

    def run(self, shapes: Mapping[str, TensorShape], settings: Mapping[str, int]) -> Sample:
        """A run with inputs of these shapes, by the names of the tensors; others as given.

        The same arguments give the same sample, so a runner may keep it. A model that cannot be
        built with `settings` is a failed run.
        """

    def run_reseeded(self) -> Sample:
        """A run with the inputs as given, but with other random values in them."""

    def trace(
        self, shapes: Mapping[str, TensorShape], settings: Mapping[str, int], *, lines: bool
    ) -> TracedRun:
        """Such a run with all that a trace records; without `lines` it is faster."""


def sample_of(trace: Trace) -> Sample:
    """A trace as a sample, to compare other runs with. Its FLOPs have to be numbers."""
    return Sample(
        ops=tuple(step.op for step in trace.steps),
        flops=tuple(step.flops if isinstance(step.flops, int) else None for step in trace.steps),
        shapes=shapes_by_name(values_of(trace)),
    )


def values_of(trace: Trace) -> Iterator[Value]:
    """The inputs, then the outputs and the weights of each step."""
    yield from trace.inputs
    for step in trace.steps:
        yield from step.outputs
        yield from step.weights


def shapes_by_name(values: Iterable[Value]) -> dict[str, TensorShape]:
    """The shape of each value by its name."""
    return {value.name: value.shape for value in values}
