"""What the zoo holds: UNets of published packages, and what their sources say about each.

A specimen is a function that builds a small model, with a `@specimen(...)` above it. It imports its
package when it is called, so that the table can be read without any of them. What is expected was
read in the source of the package, never taken from what the tracer said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

Inputs = Tensor | tuple[Any, ...] | dict[str, Any]
Build = Callable[[], nn.Module]


@dataclass(frozen=True, eq=False)
class Specimen:
    """One model of a published package, and what is known of it.

    `package` is the name to install it by, `kind` what it is for (``"video"``). `skips` are written
    ``"source -> target"``, with ``" add"`` or ``" mul"`` behind where they are not concatenated, in
    the order of the joins. `lists` says how many tensors each list of skips took; `unjoined` how
    many of those are joined at their own level, which makes them residuals, and `left` how many
    are never taken. `data` says that the values of tensors decide what runs. `fixed` are the sizes
    that the model is built for, or that decide what runs. A model that is too big to be run is not
    `real`: it is compared on tensors without data. No hook sees the calls of `unhooked`, classes
    that define `__call__` themselves.
    """

    name: str
    package: str
    kind: str
    build: Build
    inputs: Callable[[], Inputs]
    skips: tuple[str, ...] = ()
    lists: Mapping[str, int] = field(default_factory=dict)
    unjoined: int = 0
    left: int = 0
    fixed: tuple[str, ...] = ()
    data: bool = False
    real: bool = True
    unhooked: tuple[str, ...] = ()


SPECIMENS: dict[str, Specimen] = {}


def specimen(package: str, kind: str, inputs: Callable[[], Inputs], **known: Any) -> Any:
    """Register the function below, which builds a model, under its own name."""

    def register(build: Build) -> Build:
        name = f"{package}.{build.__name__}"
        if name in SPECIMENS:
            raise ValueError(f"there are two specimens with the name {name}")
        SPECIMENS[name] = Specimen(name, package, kind, build, inputs, **known)
        return build

    return register


def pairs(pushed: Iterable[str], popped: Sequence[str], join: str = "") -> tuple[str, ...]:
    """The skips of a stack: what was pushed last is popped first."""
    taken = [*pushed][::-1]
    behind = f" {join}" if join else ""
    return tuple(f"{a} -> {b}{behind}" for a, b in zip(taken, popped, strict=True))


def numbers(*shape: int) -> Callable[[], Tensor]:
    """One input of normally distributed numbers."""
    return lambda: torch.randn(shape)


def timestep() -> Tensor:
    """The timestep of a batch of one."""
    return torch.tensor([10])
