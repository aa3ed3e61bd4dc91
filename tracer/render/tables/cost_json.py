"""The costs of a trace as data: the totals, each block, each level, each kind of operation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tracer.algebra.polynomial import Formula, as_dim
from tracer.analysis.costs import Amount, Cost, Costs, LevelCost, crossover, superlinear_flops
from tracer.record import Dim, Trace
from tracer.render.tables.costs import cost_of
from tracer.render.tables.visible_rows import VisibleRow

Record = dict[str, Any]


def total_record(trace: Trace, costs: Costs, *, whole: bool = True) -> Record:
    """Return the totals, and the peak or, for a symbolic trace, the symbols and the growth.

    Args:
        trace: A trace.
        costs: Its costs, or those of some of its blocks.
        whole: Whether they are those of all blocks; the growth is about the whole trace.
    """
    record: Record = {"model": trace.model, "target": trace.target}
    if costs.are_formulas:
        record["symbols"] = trace.symbols
    record |= {"total": _cost_record(costs.total), "weight_bytes": _dim(costs.weight_bytes)}
    if costs.are_formulas:
        return record | {"growth": _growth_record(trace) if whole else None}
    return record | {"peak": costs.peak}


def block_records(found: Iterable[VisibleRow], costs: Costs) -> list[Record]:
    """Return one record per row; a group of blocks has no call."""
    return [
        {
            "call": one.row.call,
            "path": one.row.path,
            "kind": one.row.kind,
            **_cost_record(cost_of(one, costs)),
        }
        for one in found
    ]


def level_records(levels: Iterable[LevelCost]) -> list[Record]:
    """Return one record per level and part; what is outside the levels has no resolution."""
    return [
        {
            "resolution": one.level.spatial_size if one.level else None,
            "scale": [float(part) for part in one.level.scale] if one.level else None,
            "part": one.part,
            "unet": (one.level and one.level.unet) or None,
            "blocks": one.blocks,
            **_cost_record(one.cost),
        }
        for one in levels
    ]


def operation_records(costs: Costs) -> list[Record]:
    """Return one record per kind of operation."""
    return [
        {
            "operation": name,
            "times": one.steps,
            "multiply_adds": _dim(one.multiply_adds),
            "flops": _dim(one.flops),
            "activation_bytes": _dim(one.activation_bytes),
            "uncounted": sum(one.uncounted.values()),
        }
        for name, one in costs.operations.items()
    ]


def _cost_record(cost: Cost) -> Record:
    return {
        "parameters": cost.parameters,
        "buffers": cost.buffers,
        "multiply_adds": _dim(cost.multiply_adds),
        "flops": _dim(cost.flops),
        "activation_bytes": _dim(cost.activation_bytes),
        "uncounted": cost.uncounted,
    }


def _growth_record(trace: Trace) -> Record | None:
    """What grows faster than the image, and the sizes from which on it exceeds its baseline."""
    found = superlinear_flops(trace)
    if found is None:
        return None
    return {
        "powers": str(found.powers),
        "flops": str(found.flops),
        "operations": {name: str(part) for name, part in found.operations.items()},
        "blocks": {call: str(part) for call, part in found.blocks.items()},
        "rival": found.baseline_op,
        "from": crossover(found, trace.symbols),
    }


def _dim(amount: Amount) -> Dim:
    return as_dim(Formula.of(amount))
