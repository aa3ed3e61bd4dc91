"""What some blocks of a model cost, as if they were the whole."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable
from dataclasses import replace

from tracer.analysis.costs.totals import Cost, Costs, cost, operation_costs, sum_costs, zero_of
from tracer.analysis.tensor_bytes import weight_bytes
from tracer.record import Block, Trace


def cost_within(trace: Trace, calls: Collection[str]) -> Costs:
    """Return the costs of some blocks only.

    Args:
        trace: A trace.
        calls: The calls of the blocks, and of all blocks inside them.

    Returns:
        Totals and operations of these blocks. `weight_bytes` are those that they read; their
        peak of memory is not known.
    """
    steps = [step for step in trace.steps if step.block in calls]
    operations = operation_costs(trace, steps)
    zero = Cost(flops=zero_of(trace), activation_bytes=zero_of(trace))
    ran = sum_costs((zero, *operations.values()))
    held = weights_of(trace.blocks[call] for call in calls)
    return replace(
        cost(trace),
        total=replace(ran, parameters=held.parameters, buffers=held.buffers),
        operations=operations,
        weight_bytes=weight_bytes(steps),
        peak=None,
    )


def weights_of(blocks: Iterable[Block]) -> Cost:
    """Return the parameters and buffers of the modules of some blocks, each counted once."""
    modules = {block.path: block for block in blocks}
    outermost = [one for path, one in modules.items() if not _is_inside(path, modules)]
    return Cost(
        parameters=sum(one.parameters for one in outermost),
        buffers=sum(one.buffers for one in outermost),
    )


def _is_inside(path: str, paths: Container[str]) -> bool:
    """Whether a module is inside another one of these."""
    names = path.split(".") if path else []
    return any(".".join(names[:end]) in paths for end in range(len(names)))
