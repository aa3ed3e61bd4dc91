"""Trace a diffusion UNet: its shapes, its skip stack, its costs. Imports no torch by itself."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tracer.assertions import assert_shapes as assert_shapes
    from tracer.costs import Cost as Cost
    from tracer.costs import CostFormulas as CostFormulas
    from tracer.costs import Costs as Costs
    from tracer.costs import cost as cost
    from tracer.costs import cost_formulas as cost_formulas
    from tracer.explanations import Explanation as Explanation
    from tracer.from_torch.api import graph as graph
    from tracer.from_torch.api import trace as trace
    from tracer.from_torch.explanation import explain as explain
    from tracer.from_torch.size_law import sizes as sizes
    from tracer.laws import Law as Law
    from tracer.notebook import cost_tables as cost_tables
    from tracer.notebook import diagram as diagram
    from tracer.notebook import display as display
    from tracer.notebook import ledger as ledger
    from tracer.notebook import table as table
    from tracer.record import Block as Block
    from tracer.record import Change as Change
    from tracer.record import Line as Line
    from tracer.record import Step as Step
    from tracer.record import Trace as Trace
    from tracer.record import Value as Value
    from tracer.resized import at as at
    from tracer.skip_links import SkipLink as SkipLink
    from tracer.skip_links import skips as skips
    from tracer.stack_events import StackEvent as StackEvent
    from tracer.stack_events import stack as stack
    from tracer.store import load as load
    from tracer.store import save as save

__all__ = [
    "Block",
    "Change",
    "Cost",
    "CostFormulas",
    "Costs",
    "Explanation",
    "Law",
    "Line",
    "SkipLink",
    "StackEvent",
    "Step",
    "Trace",
    "Value",
    "assert_shapes",
    "at",
    "cost",
    "cost_formulas",
    "cost_tables",
    "diagram",
    "display",
    "explain",
    "graph",
    "ledger",
    "load",
    "load_ipython_extension",
    "save",
    "sizes",
    "skips",
    "stack",
    "table",
    "trace",
    "unload_ipython_extension",
]

HOMES = {
    "tracer.assertions": ("assert_shapes",),
    "tracer.costs": ("Cost", "CostFormulas", "Costs", "cost", "cost_formulas"),
    "tracer.explanations": ("Explanation",),
    "tracer.from_torch.api": ("graph", "trace"),
    "tracer.from_torch.explanation": ("explain",),
    "tracer.from_torch.size_law": ("sizes",),
    "tracer.laws": ("Law",),
    "tracer.notebook": ("cost_tables", "diagram", "display", "ledger", "table"),
    "tracer.record": ("Block", "Change", "Line", "Step", "Trace", "Value"),
    "tracer.resized": ("at",),
    "tracer.skip_links": ("SkipLink", "skips"),
    "tracer.stack_events": ("StackEvent", "stack"),
    "tracer.store": ("load", "save"),
}
"""Where each name comes from when it is first asked for: every run of pytest imports this file."""


def __getattr__(name: str) -> Any:
    for home, names in HOMES.items():
        if name in names:
            found = globals()[name] = getattr(import_module(home), name)
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


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
