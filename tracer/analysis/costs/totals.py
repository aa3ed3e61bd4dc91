"""What a forward costs in total, and what each of its blocks does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from tracer.analysis.costs.peak_memory import Peak, peak_of
from tracer.analysis.costs.symbol_values import size_in_bytes
from tracer.analysis.costs.zero_cost_ops import is_free
from tracer.analysis.skips import SkipLink, skips
from tracer.record import Block, Step, Trace


@dataclass(frozen=True, slots=True)
class Cost:
    """What one block costs, its children included, or one forward, or one part of it.

    `flops` sums the operations whose cost is known; `uncounted` names the others and how many there
    were. `activation_bytes` is what the operations wrote into memory of their own.
    """

    parameters: int
    buffers: int
    flops: int
    activation_bytes: int
    uncounted: Mapping[str, int]

    @property
    def multiply_adds(self) -> int:
        """Half of the FLOPs: one multiply-add counts as two of them."""
        return self.flops // 2


Ran = Callable[[int, int], Cost]
"""What the steps from one number up to another cost."""


@dataclass(frozen=True, slots=True)
class Costs:
    """The costs of a trace: in total, and by block call."""

    total: Cost
    blocks: Mapping[str, Cost]
    weight_bytes: int
    """Bytes of the parameters, buffers and constants that the forward read, each once."""
    peak: Peak

    @property
    def parameters(self) -> int:
        """Numbers in all parameters, a shared one once."""
        return self.total.parameters

    @property
    def flops(self) -> int:
        """Floating-point operations of the forward, as far as their cost is known."""
        return self.total.flops

    @property
    def multiply_adds(self) -> int:
        """Half of the FLOPs."""
        return self.total.multiply_adds

    @property
    def bytes(self) -> int:
        """Bytes that the operations wrote into memory of their own."""
        return self.total.activation_bytes


def cost(trace: Trace, links: Iterable[SkipLink] | None = None) -> Costs:
    """The costs of a forward; `links` are its skips where they are known already.

    Raises TypeError for a trace with formulas for sizes, which has no single cost.
    """
    of = summing(trace.steps)
    blocks = {call: _of_block(block, of) for call, block in trace.blocks.items()}
    weights = {weight.name: weight for step in trace.steps for weight in step.weights}
    return Costs(
        total=blocks[trace.root.call],
        blocks=blocks,
        weight_bytes=sum(map(size_in_bytes, weights.values())),
        peak=peak_of(trace, skips(trace) if links is None else links),
    )


def _of_block(block: Block, of: Ran) -> Cost:
    ran = of(block.first, block.last)
    return replace(ran, parameters=block.parameters, buffers=block.buffers)


def summing(steps: tuple[Step, ...]) -> Ran:
    """What any stretch of these steps costs, in one subtraction; it counts no parameters."""
    flops = _running_sum(map(flops_of, steps))
    written = _running_sum(map(bytes_written, steps))
    unknown = [step.op if is_uncounted(step) else None for step in steps]

    def of(first: int, last: int) -> Cost:
        names = Counter(name for name in unknown[first:last] if name)
        return Cost(
            parameters=0,
            buffers=0,
            flops=flops[last] - flops[first],
            activation_bytes=written[last] - written[first],
            uncounted=dict(names.most_common()),
        )

    return of


def added(costs: Iterable[Cost]) -> Cost:
    """What several costs come to together."""
    found = tuple(costs)
    uncounted: Counter[str] = Counter()
    for one in found:
        uncounted.update(one.uncounted)
    return Cost(
        parameters=sum(one.parameters for one in found),
        buffers=sum(one.buffers for one in found),
        flops=sum(one.flops for one in found),
        activation_bytes=sum(one.activation_bytes for one in found),
        uncounted=dict(uncounted.most_common()),
    )


def flops_of(step: Step) -> int:
    """The FLOPs of an operation, as far as they are known."""
    return step.flops if isinstance(step.flops, int) else 0


def bytes_written(step: Step) -> int:
    """What an operation wrote into memory of its own: nothing, for a view or one in place."""
    return sum(map(size_in_bytes, step.outputs)) if step.memory_of is None else 0


def is_uncounted(step: Step) -> bool:
    """Whether an operation computes something, and nobody knows at what cost."""
    return step.flops is None and not is_free(step)


def _running_sum(numbers: Iterable[int]) -> list[int]:
    """Sums of the first 0, 1, 2, ... numbers, so that any stretch costs one subtraction."""
    sums = [0]
    for number in numbers:
        sums.append(sums[-1] + number)
    return sums
