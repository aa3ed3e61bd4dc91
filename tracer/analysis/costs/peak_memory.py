"""When the most memory is held: tensors live from the step that makes them to the last that reads.

That is the least that inference needs. What a program's variables keep alive beyond the last
reading, what an operation needs while it runs, and the parameters come on top.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tracer.analysis.costs.symbol_values import size_in_bytes
from tracer.analysis.skips import SkipLink
from tracer.record import Trace, Value


@dataclass(frozen=True, slots=True)
class Peak:
    """The moment at which most memory was held: during which step, in which block, how much.

    `bytes` are those of the inputs and of every tensor that this or a later step reads; `skips` are
    those among them that wait as skips. `step` is -1 where the inputs alone are the most.
    """

    step: int
    block: str
    bytes: int
    skips: int = 0


def peak_of(trace: Trace, links: Iterable[SkipLink]) -> Peak:
    """The peak of a forward with these skips."""
    memory = _memories(trace)
    step, held = _highest(trace, memory)
    waiting = {
        memory.get(link.value.name, link.value.name): link.value
        for link in links
        if link.pushed < step < link.popped
    }
    block = trace.steps[step].block if step >= 0 else trace.root.call
    return Peak(step, block, held, sum(map(size_in_bytes, waiting.values())))


def _highest(trace: Trace, memory: dict[str, str]) -> tuple[int, int]:
    """The number of the first step during which the most bytes are held, and how many."""
    last_read = {memory[value.name]: n for n, value in _reads(trace) if value.name in memory}
    held = sum(map(size_in_bytes, trace.inputs))
    highest = -1, held
    freed: Counter[int] = Counter()
    for number, step in enumerate(trace.steps):
        for value in step.outputs if step.memory_of is None else ():
            size = size_in_bytes(value)
            held += size
            freed[last_read.get(value.name, number)] += size
        if held > highest[1]:
            highest = number, held
        held -= freed.pop(number, 0)
    return highest


def _memories(trace: Trace) -> dict[str, str]:
    """By the name of a value, the name of the one that first took the memory it lies in."""
    memory = {value.name: value.name for value in trace.inputs}
    for step in trace.steps:
        base = step.memory_of
        for value in step.outputs:
            memory[value.name] = value.name if base is None else memory.get(base, base)
    return memory


def _reads(trace: Trace) -> Iterator[tuple[int, Value]]:
    """Each reading of a value, with the number of its step; the outputs are read at the end."""
    for number, step in enumerate(trace.steps):
        for value in step.inputs:
            yield number, value
    for value in trace.outputs:
        yield len(trace.steps), value
