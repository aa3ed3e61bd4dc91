"""What a forward pass costs: parameters, floating-point operations, bytes, and peak memory.

FLOPs are those of `torch.utils.flop_counter`: a multiply-add is two; biases, normalization and
activations are not counted. Operations without a known cost are listed by name, so that none of
them passes for free. For a symbolic trace, FLOPs and bytes are formulas of its sizes.
"""

from __future__ import annotations

from tracer.analysis.costs.by_resolution import LevelCost, level_costs
from tracer.analysis.costs.peak_memory import Peak
from tracer.analysis.costs.selected_blocks import cost_within
from tracer.analysis.costs.step_costs import is_zero
from tracer.analysis.costs.superlinear import SuperlinearFlops, crossover, superlinear_flops
from tracer.analysis.costs.totals import Cost, Costs, cost, sum_costs
from tracer.analysis.tensor_bytes import Amount
from tracer.analysis.trace_symbols import run_sizes

CostFormulas = Costs
"""The name that version 0.1 gave to the costs of a symbolic trace."""
cost_formulas = cost
"""The name that version 0.1 gave to `cost` for a symbolic trace."""

__all__ = [
    "Amount",
    "Cost",
    "CostFormulas",
    "Costs",
    "LevelCost",
    "Peak",
    "SuperlinearFlops",
    "cost",
    "cost_formulas",
    "cost_within",
    "crossover",
    "is_zero",
    "level_costs",
    "run_sizes",
    "sum_costs",
    "superlinear_flops",
]
