"""Trace a diffusion UNet: its shapes, its skip stack, its costs. Imports no torch by itself."""

from __future__ import annotations

import sys
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
    from tracer.notebook import cost_tables as cost_tables
    from tracer.notebook import diagram as diagram
    from tracer.notebook import display as display
    from tracer.notebook import ledger as ledger
    from tracer.notebook import table as table

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
    "cost_tables",
    "diagram",
    "display",
    "graph",
    "ledger",
    "load",
    "load_ipython_extension",
    "save",
    "skips",
    "stack",
    "table",
    "trace",
    "unload_ipython_extension",
]

NEEDS_TORCH = {"graph", "trace"}
SHOWS = {"cost_tables", "diagram", "display", "ledger", "table"}


def __getattr__(name: str) -> Any:
    if name in NEEDS_TORCH:
        return getattr(import_module("tracer.from_torch.api"), name)
    if name in SHOWS:
        return getattr(import_module("tracer.notebook"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext tracer`: a trace at the end of a cell shows itself."""
    import_module("tracer.notebook").register(shell)


def unload_ipython_extension(shell: Any) -> None:
    """`%unload_ext tracer`: a trace is shown as any object is."""
    import_module("tracer.notebook").unregister(shell)


def _register_where_ipython_runs() -> None:
    """In a notebook nobody should have to ask for it."""
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = get_ipython() if get_ipython else None
    if shell is not None:
        load_ipython_extension(shell)


_register_where_ipython_runs()
