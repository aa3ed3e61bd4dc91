"""Trace a diffusion UNet: its shapes, its skip stack, its costs.

Importing it does not import torch.

>>> import tracer
>>> "trace" in dir(tracer)
True
"""

from __future__ import annotations

import sys as _sys
from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING

if _TYPE_CHECKING:
    from typing import Any

    __version__: str

    from tracer.algebra.substitute import resize as at
    from tracer.algebra.substitute import resize as resize
    from tracer.analysis.costs import Cost as Cost
    from tracer.analysis.costs import CostFormulas as CostFormulas
    from tracer.analysis.costs import Costs as Costs
    from tracer.analysis.costs import cost as cost
    from tracer.analysis.costs import cost_formulas as cost_formulas
    from tracer.analysis.replay_verdict import ReplayVerdict as ReplayVerdict
    from tracer.analysis.size_rules import SizeRules as Law
    from tracer.analysis.size_rules import SizeRules as SizeRules
    from tracer.analysis.skips import SkipLink as SkipLink
    from tracer.analysis.skips import skips as skips
    from tracer.analysis.stack_events import StackEvent as StackEvent
    from tracer.analysis.stack_events import stack as stack
    from tracer.api import annotate as annotate
    from tracer.api import checkpoint as checkpoint
    from tracer.api import explain as explain
    from tracer.api import graph as graph
    from tracer.api import size_rules as size_rules
    from tracer.api import size_rules as sizes
    from tracer.api import trace as trace
    from tracer.api import verify as verify
    from tracer.errors import TraceError as TraceError
    from tracer.lock_files import check as check
    from tracer.lock_files import diff as diff
    from tracer.lock_files import lock as lock
    from tracer.notebook.explorer_frame import explore as explore
    from tracer.notebook.functions import cost_tables as cost_tables
    from tracer.notebook.functions import diagram as diagram
    from tracer.notebook.functions import display as display
    from tracer.notebook.functions import skip_stack as ledger
    from tracer.notebook.functions import skip_stack as skip_stack
    from tracer.notebook.functions import table as table
    from tracer.record import Block as Block
    from tracer.record import Change as Change
    from tracer.record import Line as Line
    from tracer.record import Step as Step
    from tracer.record import Trace as Trace
    from tracer.record import Value as Value
    from tracer.reports import report as report
    from tracer.session import Session as Session
    from tracer.sizing.explanation import Explanation as Explanation
    from tracer.snapshot.diff import Comparison as Comparison
    from tracer.snapshot.diff import Difference as Difference
    from tracer.snapshot.diff.state_dict_comparison import (
        StateDictComparison as StateDictComparison,
    )
    from tracer.store import load as load
    from tracer.store import save as save
    from tracer.target_spec import TargetSpec as TargetSpec
    from tracer.testing.shape_assertions import assert_shapes as assert_shapes
    from tracer.testing.stack_assertions import assert_stack as assert_stack

__distribution__ = "unet-trace"
"""Tells this package from others of the same name; `unet_trace` looks for this line."""

__all__ = [
    "Block",
    "Change",
    "Comparison",
    "Cost",
    "CostFormulas",
    "Costs",
    "Difference",
    "Explanation",
    "Law",
    "Line",
    "ReplayVerdict",
    "Session",
    "SizeRules",
    "SkipLink",
    "StackEvent",
    "StateDictComparison",
    "Step",
    "TargetSpec",
    "Trace",
    "TraceError",
    "Value",
    "annotate",
    "assert_shapes",
    "assert_stack",
    "at",
    "check",
    "checkpoint",
    "cost",
    "cost_formulas",
    "cost_tables",
    "diagram",
    "diff",
    "display",
    "explain",
    "explore",
    "graph",
    "ledger",
    "load",
    "load_ipython_extension",
    "lock",
    "report",
    "resize",
    "save",
    "size_rules",
    "sizes",
    "skip_stack",
    "skips",
    "stack",
    "table",
    "trace",
    "unload_ipython_extension",
    "verify",
]

_MODULES = {
    "tracer.algebra.substitute": ("resize",),
    "tracer.analysis.costs": ("Cost", "CostFormulas", "Costs", "cost", "cost_formulas"),
    "tracer.analysis.size_rules": ("SizeRules",),
    "tracer.analysis.skips": ("SkipLink", "skips"),
    "tracer.analysis.stack_events": ("StackEvent", "stack"),
    "tracer.analysis.replay_verdict": ("ReplayVerdict",),
    "tracer.api": ("annotate", "checkpoint", "explain", "graph", "size_rules", "trace", "verify"),
    "tracer.errors": ("TraceError",),
    "tracer.lock_files": ("check", "diff", "lock"),
    "tracer.notebook.explorer_frame": ("explore",),
    "tracer.notebook.functions": ("cost_tables", "diagram", "display", "skip_stack", "table"),
    "tracer.record": ("Block", "Change", "Line", "Step", "Trace", "Value"),
    "tracer.reports": ("report",),
    "tracer.session": ("Session",),
    "tracer.sizing.explanation": ("Explanation",),
    "tracer.snapshot.diff": ("Comparison", "Difference"),
    "tracer.snapshot.diff.state_dict_comparison": ("StateDictComparison",),
    "tracer.store": ("load", "save"),
    "tracer.target_spec": ("TargetSpec",),
    "tracer.testing.shape_assertions": ("assert_shapes",),
    "tracer.testing.stack_assertions": ("assert_stack",),
}
"""The module of each name, imported at first use: every run of pytest imports this file."""

_ALIASES = {"Law": "SizeRules", "at": "resize", "ledger": "skip_stack", "sizes": "size_rules"}
"""Earlier names, and what they name now."""


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _import_module("importlib.metadata").version(__distribution__)
    wanted = _ALIASES.get(name, name)
    for module, names in _MODULES.items():
        if wanted in names:
            found = globals()[name] = getattr(_import_module(module), wanted)
            return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext tracer`: a trace at the end of a cell is displayed as tables and a diagram."""
    _import_module("tracer.notebook.functions").register(shell)


def unload_ipython_extension(shell: Any) -> None:
    """`%unload_ext tracer`: a trace is displayed as any object is."""
    _import_module("tracer.notebook.functions").unregister(shell)


def _register_in_ipython() -> None:
    """Register the display of traces in a running IPython, so that nobody has to ask for it."""
    get_ipython = getattr(_sys.modules.get("IPython"), "get_ipython", None)
    shell = get_ipython() if get_ipython else None
    if shell is not None:
        load_ipython_extension(shell)


_register_in_ipython()
