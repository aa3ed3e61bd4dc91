"""The symbols in the sizes of a trace, and the sizes that they had in the recorded run."""

from __future__ import annotations

from tracer.record import Trace


def is_symbolic(trace: Trace) -> bool:
    """Return whether the sizes of a trace are formulas, so that its costs are formulas, too."""
    sizes = (size for value in trace.inputs for size in value.shape)
    return bool(trace.symbols) or any(isinstance(size, str) for size in sizes)


def run_sizes(trace: Trace) -> dict[str, int]:
    """Return the sizes of the recorded run, by symbol; none if the sizes are numbers."""
    return {symbol.name: symbol.size for symbol in trace.symbols}
