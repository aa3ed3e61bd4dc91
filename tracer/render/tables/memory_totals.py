"""The totals below a table of shapes: parameters that train, buffers, and memory."""

from __future__ import annotations

from collections.abc import Iterator

from tracer.analysis.costs import cost
from tracer.analysis.costs.step_costs import size_in_bytes
from tracer.record import Trace
from tracer.render import number_format


def total_lines(trace: Trace) -> Iterator[str]:
    """Yield sentences on a whole model: its parameters and buffers, and the memory of one run.

    Left out are the parameters of a trace of an older version, which does not say which of them
    train; and the memory where sizes are formulas, the size of a dtype is not known, or the run
    has no outputs because the model failed.

    >>> import torch
    >>> import tracer
    >>> print(*total_lines(tracer.trace(torch.nn.Linear(256, 256), (1, 256))), sep="\\n")
    65,792 trainable, 0 frozen; 0 numbers in buffers
    memory: weights 257.0 KiB + inputs 1.0 KiB + activations 1.0 KiB = 259.0 KiB
    (activations: all that the operations write, as training keeps it)
    """
    root = trace.root
    if root.trainable is not None:
        frozen = root.parameters - root.trainable
        counts = f"{root.trainable:,} trainable, {frozen:,} frozen"
        yield f"{counts}; {number_format.plural(root.buffers, 'number')} in buffers"
    parts = _bytes(trace)
    if parts:
        weights, inputs, written = map(number_format.memory, parts)
        total = number_format.memory(sum(parts))
        yield f"memory: weights {weights} + inputs {inputs} + activations {written} = {total}"
        yield "(activations: all that the operations write, as training keeps it)"


def _bytes(trace: Trace) -> tuple[int, int, int] | None:
    """The bytes of weights, inputs and activations; None where these are no numbers."""
    try:
        costs = cost(trace)
        if costs.are_formulas or not trace.outputs:
            return None
        read = costs.weight_bytes, sum(map(size_in_bytes, trace.inputs))
    except (TypeError, ValueError):
        return None
    return costs.at_run(read[0]), costs.at_run(read[1]), costs.at_run(costs.bytes)
