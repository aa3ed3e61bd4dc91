"""What a forward costs: parameters, floating-point operations, bytes, and the peak of memory.

FLOPs are those of `torch.utils.flop_counter`: a multiply-add is two, biases, norms and activations
are not counted. What was not counted is listed by name, so that no operation is free in silence.
"""

from __future__ import annotations

from tracer.costs.free import is_free
from tracer.costs.growth import Growth, growth, overtaken, sizes_of
from tracer.costs.operations import OperationCost, operation_costs
from tracer.costs.peaks import Peak
from tracer.costs.polynomials import CostFormula, CostFormulas, cost_formulas
from tracer.costs.resolutions import LevelCost, level_costs
from tracer.costs.sizes import size_in_bytes
from tracer.costs.totals import Cost, Costs, added, cost

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
