"""What a forward pass costs: in total, per block call, and per kind of operation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import accumulate

from tracer.algebra.polynomial import Formula
from tracer.analysis.costs.peak_memory import Peak, peak_of
from tracer.analysis.costs.step_costs import is_uncounted, step_flops
from tracer.analysis.tensor_bytes import Amount, bytes_written, weight_bytes
from tracer.analysis.trace_symbols import is_symbolic, run_sizes
from tracer.printed_result import DisplayedResult
from tracer.record import Block, Step, Trace, once_per_trace


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of a block with its children, of one kind of operation, or of a whole forward pass.

    Attributes:
        parameters: Elements in all parameters, shared ones once.
        buffers: Elements in all buffers.
        flops: Floating-point operations, as far as their cost is known; two per multiply-add. A
            formula in a symbolic trace.
        activation_bytes: Bytes written into new memory. A formula in a symbolic trace.
        uncounted: How often each operation without a known cost ran, the most frequent first.
        steps: The number of operations.
    """

    parameters: int = 0
    buffers: int = 0
    flops: Amount = 0
    activation_bytes: Amount = 0
    uncounted: Mapping[str, int] = field(default_factory=dict)
    steps: int = 0

    @property
    def multiply_adds(self) -> Amount:
        """Half of the FLOPs: one multiply-add counts as two."""
        return self.flops // 2 if isinstance(self.flops, int) else self.flops / 2


RangeCost = Callable[[int, int], Cost]
"""Returns the cost of ``trace.steps[first:last]``, without parameters and buffers."""


@dataclass(frozen=True, slots=True, repr=False)
class Costs(DisplayedResult):
    """The costs of a trace.

    Attributes:
        total: The cost of the forward pass.
        blocks: The cost of each block call.
        operations: The cost of each kind of operation, the most expensive first; in a symbolic
            trace, the one that grows fastest.
        weight_bytes: Bytes of the parameters, buffers and constants that were read, each once.
        peak: The peak of activation memory. None in a symbolic trace: it depends on the sizes.
        sizes: The sizes of the recorded run, by symbol; none if the sizes are numbers.
    """

    total: Cost
    blocks: Mapping[str, Cost]
    operations: Mapping[str, Cost]
    weight_bytes: Amount
    peak: Peak | None
    sizes: Mapping[str, int] = field(default_factory=dict)

    @property
    def parameters(self) -> int:
        """Elements in all parameters, shared ones once."""
        return self.total.parameters

    @property
    def flops(self) -> Amount:
        """Floating-point operations of the forward pass, as far as their cost is known."""
        return self.total.flops

    @property
    def multiply_adds(self) -> Amount:
        """Half of the FLOPs."""
        return self.total.multiply_adds

    @property
    def bytes(self) -> Amount:
        """Bytes that the operations wrote into new memory."""
        return self.total.activation_bytes

    @property
    def are_formulas(self) -> bool:
        """Whether the costs are formulas of the sizes."""
        return isinstance(self.total.flops, Formula)

    def at_run(self, amount: Amount) -> int:
        """Return an amount as a number: a formula is evaluated at the sizes of the run."""
        return amount if isinstance(amount, int) else int(amount.evaluate(self.sizes))


@once_per_trace
def cost(trace: Trace) -> Costs:
    """Return the costs of a forward pass: numbers, and formulas for a symbolic trace.

    FLOPs are those of `torch.utils.flop_counter`: a multiply-add is two; biases, normalization and
    activations are not counted.

    Args:
        trace: A trace, recorded just now or loaded from a file.

    Raises:
        ValueError: The trace holds a tensor of an unknown dtype.

    Example:
        >>> from tracer.record import Block, Step, Trace, Value
        >>> x = Value("x", (1, 3, 8, 8), "float32")
        >>> y = Value("y", (1, 4, 8, 8), "float32")
        >>> conv = Step("conv2d", (x,), (y,), block="", flops=2 * 4 * 8 * 8 * 3 * 3 * 3)
        >>> root = Block("", "", "Conv2d", (x,), (y,), 112, 112, first=0, last=1)
        >>> costs = cost(Trace("Conv2d", (x,), (y,), (conv,), root))
        >>> costs.parameters, costs.flops, costs.bytes
        (112, 13824, 1024)
        >>> costs.operations["conv2d"].multiply_adds
        6912
    """
    cost_between = range_costs(trace)
    blocks = {call: _block_cost(block, cost_between) for call, block in trace.blocks.items()}
    return Costs(
        total=blocks[trace.root.call],
        blocks=blocks,
        operations=operation_costs(trace, trace.steps),
        weight_bytes=weight_bytes(trace.steps),
        peak=None if is_symbolic(trace) else peak_of(trace),
        sizes=run_sizes(trace),
    )


def range_costs(trace: Trace) -> RangeCost:
    """Return a function for the cost of any range of steps, computed from prefix sums."""
    zero = zero_of(trace)
    flops = list(accumulate(map(step_flops, trace.steps), initial=zero))
    written = list(accumulate(map(bytes_written, trace.steps), initial=zero))
    unknown = [step.op if is_uncounted(step) else None for step in trace.steps]

    def cost_between(first: int, last: int) -> Cost:
        names = Counter(name for name in unknown[first:last] if name)
        return Cost(
            flops=flops[last] - flops[first],
            activation_bytes=written[last] - written[first],
            uncounted=dict(names.most_common()),
            steps=last - first,
        )

    return cost_between


def sum_costs(costs: Iterable[Cost]) -> Cost:
    """Return the sum of several costs."""
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
        steps=sum(one.steps for one in found),
    )


def zero_of(trace: Trace) -> Amount:
    """Return 0 as the costs of the trace are written: a formula in a symbolic trace."""
    return Formula.of(0) if is_symbolic(trace) else 0


def _block_cost(block: Block, cost_between: RangeCost) -> Cost:
    ran = cost_between(block.first, block.last)
    return replace(ran, parameters=block.parameters, buffers=block.buffers)


def operation_costs(trace: Trace, steps: Iterable[Step]) -> dict[str, Cost]:
    """Return the cost of each kind of operation, the most expensive first."""
    by_name: dict[str, list[Step]] = {}
    for step in steps:
        by_name.setdefault(step.op, []).append(step)
    zero = zero_of(trace)
    costs = {name: _sum_of_steps(alike, zero) for name, alike in by_name.items()}
    return dict(sorted(costs.items(), key=_most_expensive_first))


def _sum_of_steps(steps: list[Step], zero: Amount) -> Cost:
    """The cost of all operations of one name."""
    uncounted = sum(map(is_uncounted, steps))
    return Cost(
        flops=sum(map(step_flops, steps), start=zero),
        activation_bytes=sum(map(bytes_written, steps), start=zero),
        uncounted={steps[0].op: uncounted} if uncounted else {},
        steps=len(steps),
    )


def _most_expensive_first(item: tuple[str, Cost]) -> tuple[int, Fraction | int, int, str]:
    """Sorts by the degree of the FLOPs and its coefficient; a number has degree 0."""
    name, cost = item
    terms = Formula.of(cost.flops).terms
    monomial, coefficient = terms[0] if terms else ((), 0)
    degree = sum(power for _, power in monomial)
    return -degree, -coefficient, -cost.steps, name
