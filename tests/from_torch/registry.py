"""The models that the capture engine is tried on, and what is known about each before it runs.

A model is one small class that takes no arguments, with a `@case(...)` above it. What a reader of
its source knows (the skips, what is pushed and popped where) stands beside it: the tests compare it
with what the tracer says. A line that pushes or pops ends with a comment such as ``# push hs``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

import torch
from torch import Tensor, nn

Inputs = Tensor | tuple[Any, ...] | dict[str, Any]
Build = Callable[[], nn.Module]


@dataclass(frozen=True, slots=True)
class Case:
    """One model and what is known of it.

    `inputs` makes the inputs anew, filled from the random state at the time. `plain` builds a model
    that computes the same without what hides it from hooks (a compiler). `skips` are written
    ``"source -> target"``, with ``" add"`` or ``" via pad"`` behind where that is so; `stack` says
    how many events there are of each kind (``{"push hs": 4}``). `tolerance` is for kernels that run
    only outside a tracer. `counted` is False where `FlopCounterMode` counts another thing on the
    CPU than the model asks for, `replays` where the model does what is no operation on a tensor.
    """

    name: str
    module: str
    build: Build
    inputs: Callable[[], Inputs]
    plain: Build
    skips: tuple[str, ...] = ()
    stack: Mapping[str, int] = field(default_factory=dict)
    tolerance: float = 0.0
    counted: bool = True
    replays: bool = True


CASES: dict[str, Case] = {}


def case(inputs: Callable[[], Inputs], plain: Build | None = None, **known: Any) -> Any:
    """Register the class or function below as a model of the zoo, under its own name."""

    def register(build: Any) -> Any:
        if build.__name__ in CASES:
            raise ValueError(f"there are two models with the name {build.__name__}")
        names = build.__name__, build.__module__
        CASES[build.__name__] = Case(*names, build, inputs, plain or build, **known)
        return build

    return register


def image(channels: int = 4, size: int = 8, batch: int = 2) -> Callable[[], Tensor]:
    """One image-like input, B×C×H×W."""
    return lambda: torch.randn(batch, channels, size, size)


def seeded(seed: int) -> None:
    """Seeds the CPU; `torch.manual_seed` notes the stack for every other kind of device as well."""
    torch.default_generator.manual_seed(seed)


def built(build: Build, *, training: bool = True, seed: int = 0) -> nn.Module:
    """A model whose weights are random: none is zero, so that nothing is compared with nothing.

    The same seed gives the same weights, however the model initialises them itself.
    """
    seeded(seed)
    model = build().train(training)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            numbers = torch.rand(parameter.shape, generator=generator) - 0.4
            parameter.copy_(numbers.to(parameter.dtype))
    return model


def filled(one: Case, seed: int = 1) -> Inputs:
    """The inputs of a case with data; the same seed gives the same data."""
    seeded(seed)
    return one.inputs()


def run(model: Callable[..., Any], inputs: Inputs, seed: int = 2) -> Any:
    """Call a model, or a graph, as its inputs ask for, from a known random state."""
    seeded(seed)
    with torch.no_grad():
        if isinstance(inputs, dict):
            return model(**inputs)
        return model(inputs) if isinstance(inputs, Tensor) else model(*inputs)


def tensors(item: Any) -> Iterator[Tensor]:
    """Every tensor in a result, in order; objects of plain classes are looked into, too."""
    if isinstance(item, Tensor):
        yield item
    else:
        for part in parts(item):
            yield from tensors(part)


def parts(item: Any) -> Iterable[Any]:
    if isinstance(item, Mapping):
        return item.values()
    if isinstance(item, (list, tuple)):
        return item
    if is_dataclass(item) and not isinstance(item, type):
        return [getattr(item, one.name, None) for one in fields(item)]
    return vars(item).values() if hasattr(item, "__dict__") and not callable(item) else ()
