"""Trace a diffusion UNet: its shapes, its skip stack, its costs. Imports no torch by itself."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tracer.algebra.substitute import at as at
    from tracer.analysis.costs import Cost as Cost
    from tracer.analysis.costs import CostFormulas as CostFormulas
    from tracer.analysis.costs import Costs as Costs
    from tracer.analysis.costs import cost as cost
    from tracer.analysis.costs import cost_formulas as cost_formulas
    from tracer.analysis.size_rules import SizeRules as SizeRules
    from tracer.analysis.skips import SkipLink as SkipLink
    from tracer.analysis.skips import skips as skips
    from tracer.analysis.stack_events import StackEvent as StackEvent
    from tracer.analysis.stack_events import stack as stack
    from tracer.api import graph as graph
    from tracer.api import trace as trace
    from tracer.notebook.display import cost_tables as cost_tables
    from tracer.notebook.display import diagram as diagram
    from tracer.notebook.display import display as display
    from tracer.notebook.display import ledger as ledger
    from tracer.notebook.display import table as table
    from tracer.record import Block as Block
    from tracer.record import Change as Change
    from tracer.record import Line as Line
    from tracer.record import Step as Step
    from tracer.record import Trace as Trace
    from tracer.record import Value as Value
    from tracer.sizing.explainer import explain as explain
    from tracer.sizing.explanation import Explanation as Explanation
    from tracer.sizing.rule_search import sizes as sizes
    from tracer.store import load as load
    from tracer.store import save as save
    from tracer.testing.shape_assertions import assert_shapes as assert_shapes

__all__ = [
    "Block",
    "Change",
    "Cost",
    "CostFormulas",
    "Costs",
    "Explanation",
    "Line",
    "SizeRules",
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
    "tracer.testing.shape_assertions": ("assert_shapes",),
    "tracer.analysis.costs": ("Cost", "CostFormulas", "Costs", "cost", "cost_formulas"),
    "tracer.sizing.explanation": ("Explanation",),
    "tracer.api": ("graph", "trace"),
    "tracer.sizing.explainer": ("explain",),
    "tracer.sizing.rule_search": ("sizes",),
    "tracer.analysis.size_rules": ("SizeRules",),
    "tracer.notebook.display": ("cost_tables", "diagram", "display", "ledger", "table"),
    "tracer.record": ("Block", "Change", "Line", "Step", "Trace", "Value"),
    "tracer.algebra.substitute": ("at",),
    "tracer.analysis.skips": ("SkipLink", "skips"),
    "tracer.analysis.stack_events": ("StackEvent", "stack"),
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
    import_module("tracer.notebook.display").register(shell)


def unload_ipython_extension(shell: Any) -> None:
    """`%unload_ext tracer`: a trace is shown as any object is."""
    import_module("tracer.notebook.display").unregister(shell)


def _register_where_ipython_runs() -> None:
    """In a notebook nobody should have to ask for it."""
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    shell = get_ipython() if get_ipython else None
    if shell is not None:
        load_ipython_extension(shell)


_register_where_ipython_runs()
