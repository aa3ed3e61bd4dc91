"""The totals below a table of shapes: parameters that train, buffers, and memory."""

from __future__ import annotations

from collections.abc import Iterator

from tracer.analysis.tensor_bytes import bytes_written, size_in_bytes, weight_bytes
from tracer.analysis.trace_symbols import is_symbolic
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


def _bytes(trace: Trace) -> tuple[int, ...]:
    """The bytes of weights, inputs and activations; nothing where these are no numbers."""
    if is_symbolic(trace) or not trace.outputs:
        return ()
    try:
        parts = (
            weight_bytes(trace.steps),
            sum(map(size_in_bytes, trace.inputs)),
            sum(map(bytes_written, trace.steps)),
        )
    except ValueError:  # the size of a dtype is not known
        return ()
    numbers = tuple(part for part in parts if isinstance(part, int))
    return numbers if len(numbers) == len(parts) else ()
