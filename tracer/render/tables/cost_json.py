"""The costs of a trace as data: the sums, each block, each level, each kind of operation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tracer.algebra.polynomial import as_dim
from tracer.analysis.costs import (
    Cost,
    CostFormula,
    CostFormulas,
    Costs,
    LevelCost,
    OperationCost,
    growth,
    overtaken,
)
from tracer.record import Trace
from tracer.render.tables.costs import cost_of
from tracer.render.tables.symbolic_costs import formulas_of
from tracer.render.tables.visible_rows import Listed

Record = dict[str, Any]


def sums_record(trace: Trace, costs: Costs) -> Record:
    """What all of it comes to, and the peak."""
    return {
        "model": trace.model,
        "target": trace.target,
        "total": _cost(costs.total),
        "weight_bytes": costs.weight_bytes,
        "peak": costs.peak,
    }


def block_records(found: Iterable[Listed], costs: Costs) -> list[Record]:
    """A record a row; a group of blocks has no call."""
    return [
        {
            "call": one.row.call,
            "path": one.row.path,
            "kind": one.row.kind,
            **_cost(cost_of(one, costs)),
        }
        for one in found
    ]


def level_records(levels: Iterable[LevelCost]) -> list[Record]:
    """A record for each part of each level; beside the levels there is no resolution."""
    return [
        {
            "resolution": one.level.spatial_size if one.level else None,
            "scale": [float(part) for part in one.level.scale] if one.level else None,
            "part": one.part,
            "blocks": one.blocks,
            **_cost(one.cost),
        }
        for one in levels
    ]


def operation_records(operations: Iterable[OperationCost]) -> list[Record]:
    """A record for each kind of operation."""
    return [
        {
            "operation": one.op,
            "times": one.count,
            "multiply_adds": one.flops // 2,
            "flops": one.flops,
            "activation_bytes": one.activation_bytes,
            "uncounted": one.uncounted,
        }
        for one in operations
    ]


def _cost(cost: Cost) -> Record:
    return {
        "parameters": cost.parameters,
        "buffers": cost.buffers,
        "multiply_adds": cost.multiply_adds,
        "flops": cost.flops,
        "activation_bytes": cost.activation_bytes,
        "uncounted": cost.uncounted,
    }


def formula_record(trace: Trace, costs: CostFormulas) -> Record:
    """What all of it comes to, as formulas, and the sizes of the run."""
    return {
        "model": trace.model,
        "target": trace.target,
        "symbols": trace.symbols,
        "total": _formulas(costs.total),
        "growth": growth_record(trace),
    }


def growth_record(trace: Trace) -> Record | None:
    """What grows faster than the image, and from which sizes on it costs more than its rival."""
    found = growth(trace)
    if found is None:
        return None
    return {
        "powers": str(found.powers),
        "flops": str(found.flops),
        "operations": {name: str(part) for name, part in found.operations.items()},
        "blocks": {call: str(part) for call, part in found.blocks.items()},
        "rival": found.rival,
        "from": overtaken(found, trace.symbols),
    }


def block_formula_records(found: Iterable[Listed], costs: CostFormulas) -> list[Record]:
    """A record a row; a group of blocks has no call."""
    return [
        {
            "call": one.row.call,
            "path": one.row.path,
            "kind": one.row.kind,
            **_formulas(formulas_of(one, costs)),
        }
        for one in found
    ]


def operation_formula_records(costs: CostFormulas) -> list[Record]:
    """A record for each kind of operation."""
    return [
        {"operation": name, "times": one.steps, **_formulas(one)}
        for name, one in costs.operations.items()
    ]


def _formulas(cost: CostFormula) -> Record:
    return {
        "flops": as_dim(cost.flops),
        "activation_bytes": as_dim(cost.activation_bytes),
        "uncounted": cost.uncounted,
    }
