"""Runs of one model at other sizes than given: what ran, and of what shapes, and nothing else.

A trace keeps everything, a sample only what formulas are read off: so it takes half the time.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor, nn

from tracer.from_torch.arguments import map_tensors, tensors_in
from tracer.from_torch.axes import Axes
from tracer.from_torch.calls import uncompiled
from tracer.from_torch.capture import Recording, no_collection, record, silent
from tracer.from_torch.copies import Copies
from tracer.from_torch.failure import Failure, needs_data
from tracer.from_torch.fakes import Fakes
from tracer.from_torch.loan import Loan, StandIns
from tracer.from_torch.no_compiler import no_compiler
from tracer.from_torch.recorder import Recorder, Request
from tracer.from_torch.values import storage_of
from tracer.record import Dim, Trace, Value

Shapes = tuple[tuple[Dim, ...], ...]

NODE: Any = SimpleNamespace(name="")
"""Stands for every node of the graph that is not written."""


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
        with torch.random.fork_rng(devices=[]), no_collection():
            if not self.costly:
                with no_compiler():
                    found = _sample(self.model, given, self._by_name, Fakes())
                if found.failure is None or not needs_data(found.failure):
                    return found
                self.costly = True
            return _sample(self.model, given, self._by_name, Copies())


def _noise(tensor: Tensor) -> Tensor:
    if not tensor.is_floating_point():
        return tensor
    generator = torch.Generator().manual_seed(1)
    return torch.empty(tensor.shape, dtype=tensor.dtype).normal_(generator=generator)


def sample_of(trace: Trace) -> Sample:
    """A whole trace as a sample, to compare others with."""

    def shapes(values: tuple[Value, ...]) -> Shapes:
        return tuple(value.shape for value in values)

    steps = (
        Seen(
            step.op,
            shapes(step.outputs),
            shapes(step.weights),
            step.flops if isinstance(step.flops, int) else None,
        )
        for step in trace.steps
    )
    return Sample(shapes(trace.inputs), tuple(steps))


def _sample(model: nn.Module, given: Mapping[str, Any], by_name: bool, lender: StandIns) -> Sample:
    loan = Loan(model, lender)
    watcher = Watcher(loan)
    with loan.lent():
        items = {name: map_tensors(item, lender.of) for name, item in given.items()}
        for tensor in tensors_in(tuple(items.values())):
            watcher.values.add(tensor, NODE, "")
        args, keywords = ((), items) if by_name else (items.values(), {})
        failure = None
        try:
            with _watching(watcher):
                model(*args, **keywords)
        except Exception as error:
            failure = Failure(error, "", None)
            if watcher.refused is not None and watcher.refused[0] is error:
                failure = replace(failure, op=watcher.refused[1], operands=watcher.refused[2])
    shapes = tuple(tuple(tensor.shape) for tensor in tensors_in(tuple(given.values())))
    return Sample(shapes, tuple(watcher.seen), failure)


@contextmanager
def _watching(watcher: Watcher) -> Iterator[None]:
    with ExitStack() as stack, silent():
        for context in (torch.no_grad(), watcher.mode, watcher.floor, watcher, _as_written()):
            stack.enter_context(context)
        yield


@contextmanager
def _as_written() -> Iterator[None]:
    """Inside, the modules of this thread run as they are written, never compiled."""
    original = nn.Module.__call__
    thread = threading.get_ident()

    def run(module: nn.Module, *args: Any, **kwargs: Any) -> Any:
        here = threading.get_ident() == thread
        return (uncompiled(module) if here else module)._call_impl(*args, **kwargs)

    nn.Module.__call__ = run  # type: ignore[method-assign]
    try:
        yield
    finally:
        nn.Module.__call__ = original  # type: ignore[method-assign]


class Watcher(Recorder):
    """Notes what runs, in `seen`, and writes no graph."""

    def __init__(self, loan: Loan) -> None:
        super().__init__(loan, lambda: None)
        self.seen: list[Seen] = []
        self.writer = SimpleNamespace(call=lambda *_: NODE)  # type: ignore[assignment]

    def _write(self, asked: Request, changed: list[Tensor], result: Any) -> None:
        values = self.values
        written: list[Value] = []
        for tensor in {storage_of(tensor): tensor for tensor in reversed(changed)}.values():
            written += values.change(tensor, "")
        for tensor in tensors_in(result):
            if tensor not in values:
                written.append(values.add(tensor, NODE, ""))
        weights = [tensor for tensor in asked.tensors if id(tensor) in values.weights]
        self.seen.append(
            Seen(
                asked.op,
                tuple(value.shape for value in written),
                tuple(values.of(weight).shape for weight in weights),
                self.flops,
            )
        )

    def adopt(self, tensor: Tensor) -> Tensor:
        """The tensor that stands for `tensor` in this run."""
        if tensor in self.values:
            return tensor
        other = self._loan.lent_for.get(id(tensor), tensor)
        if other in self.values:
            return other
        if id(other) not in self._loan.originals:
            other = self._loan.constant(tensor)
        self.values.add(other, NODE, "", weight=True)
        return other
