"""What a forward costs: parameters, floating-point operations, bytes, and the peak of memory.

FLOPs are those of `torch.utils.flop_counter`: a multiply-add is two, biases, norms and activations
are not counted. What was not counted is listed by name, so that no operation is free in silence.
"""

from __future__ import annotations

from tracer.analysis.costs.by_operation import OperationCost, operation_costs
from tracer.analysis.costs.by_resolution import LevelCost, level_costs
from tracer.analysis.costs.growth import Growth, growth, overtaken, sizes_of
from tracer.analysis.costs.peak_memory import Peak
from tracer.analysis.costs.symbol_values import size_in_bytes
from tracer.analysis.costs.symbolic_costs import CostFormula, CostFormulas, cost_formulas
from tracer.analysis.costs.totals import Cost, Costs, added, cost
from tracer.analysis.costs.zero_cost_ops import is_free

__all__ = [
    "Cost",
    "CostFormula",
    "CostFormulas",
    "Costs",
    "Growth",
    "LevelCost",
    "OperationCost",
    "Peak",
    "added",
    "cost",
    "cost_formulas",
    "growth",
    "is_free",
    "level_costs",
    "operation_costs",
    "overtaken",
    "size_in_bytes",
    "sizes_of",
]
