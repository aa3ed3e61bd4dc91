"""Trace a diffusion UNet: its shapes, its skip stack, its costs. Imports no torch by itself."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tracer.costs import Cost, Costs, cost
from tracer.record import Block, Change, Line, Step, Trace, Value
from tracer.skip_links import SkipLink, skips
from tracer.stack_events import StackEvent, stack
from tracer.store import load, save

if TYPE_CHECKING:
    from tracer.from_torch.api import graph as graph
    from tracer.from_torch.api import trace as trace

__all__ = [
    "Block",
    "Change",
    "Cost",
    "Costs",
    "Line",
    "SkipLink",
    "StackEvent",
    "Step",
    "Trace",
    "Value",
    "cost",
    "graph",
    "load",
    "save",
    "skips",
    "stack",
    "trace",
]

NEEDS_TORCH = {"graph", "trace"}


def __getattr__(name: str) -> Any:
    if name in NEEDS_TORCH:
        return getattr(import_module("tracer.from_torch.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
