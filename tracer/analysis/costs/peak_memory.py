"""The peak of activation memory: a tensor lives from the step that makes it to its last reader.

This is the least that inference needs. Variables that keep a tensor alive after its last reader,
the workspace of an operation, and the parameters need memory on top of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tracer.analysis.skips import skips
from tracer.analysis.tensor_bytes import size_in_bytes
from tracer.record import Trace, Value


@dataclass(frozen=True, slots=True)
class Peak:
    """The step during which the most activation memory is held, and the block that ran it.

    `bytes` are those of the inputs and of every tensor that this or a later step reads; `skips` are
    the bytes among them that are skip connections waiting to be joined. `step` is -1 if the inputs
    alone are the peak.
    """

    step: int
    block: str
    bytes: int
    skips: int = 0


def peak_of(trace: Trace) -> Peak:
    """Return the peak of a forward pass.

    Raises:
        TypeError: The sizes of the trace are formulas.
        ValueError: The trace holds a tensor of an unknown dtype.
    """
    owners = _memory_owners(trace)
    step, held = _highest(trace, owners)
    waiting = {
        owners.get(link.value.name, link.value.name): link.value
        for link in skips(trace)
        if link.pushed < step < link.popped
    }
    block = trace.steps[step].block if step >= 0 else trace.root.call
    return Peak(step, block, held, sum(map(_bytes, waiting.values())))


def _highest(trace: Trace, owners: Mapping[str, str]) -> tuple[int, int]:
    """The number of the first step during which the most bytes are held, and how many."""
    last_read = {owners[value.name]: n for n, value in _reads(trace) if value.name in owners}
    held = sum(map(_bytes, trace.inputs))
    highest = -1, held
    freed: Counter[int] = Counter()
    for number, step in enumerate(trace.steps):
        for value in step.outputs if step.memory_of is None else ():
            size = _bytes(value)
            held += size
            freed[last_read.get(value.name, number)] += size
        if held > highest[1]:
            highest = number, held
        held -= freed.pop(number, 0)
    return highest


def _memory_owners(trace: Trace) -> dict[str, str]:
    """Maps each value to the value that first used the memory in which it lies."""
    owners = {value.name: value.name for value in trace.inputs}
    for step in trace.steps:
        base = step.memory_of
        for value in step.outputs:
            owners[value.name] = value.name if base is None else owners.get(base, base)
    return owners


def _reads(trace: Trace) -> Iterator[tuple[int, Value]]:
    """Each reading of a value, with the number of its step; the outputs are read at the end."""
    for number, step in enumerate(trace.steps):
        for value in step.inputs:
            yield number, value
    for value in trace.outputs:
        yield len(trace.steps), value


def _bytes(value: Value) -> int:
    size = size_in_bytes(value)
    if not isinstance(size, int):
        raise TypeError(f"{value.name} has formulas for sizes: {value.shape}. Trace with numbers.")
    return size
