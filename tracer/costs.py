"""What a forward costs: parameters, floating-point operations, bytes, and the peak of memory.

FLOPs are those of `torch.utils.flop_counter`: a multiply-add is two, biases, norms and activations
are not counted. What was not counted is listed by name, so that no operation is free in silence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod

from tracer.record import Block, Step, Trace, Value

BYTES = {
    **dict.fromkeys(("bool", "uint8", "int8", "float8_e4m3fn", "float8_e5m2"), 1),
    **dict.fromkeys(("int16", "uint16", "float16", "bfloat16"), 2),
    **dict.fromkeys(("int32", "uint32", "float32", "complex32"), 4),
    **dict.fromkeys(("int64", "uint64", "float64", "complex64"), 8),
    "complex128": 16,
}

MOVES = frozenset(
    (
        *("view", "reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "expand", "expand_as"),
        *("permute", "transpose", "swapaxes", "movedim", "T", "mT", "getitem", "setitem", "select"),
        *("narrow", "chunk", "split", "unbind", "cat", "stack", "repeat", "clone", "contiguous"),
        *("to", "float", "half", "bfloat16", "type", "detach", "view_as", "pad", "roll", "flip"),
    )
)
"""Operations that move numbers and compute none: their cost is known, and it is nothing."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one block costs, its children included, or one forward.

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


@dataclass(frozen=True, slots=True)
class Peak:
    """The moment at which most memory was held: after which step, in which block, how much.

    `bytes` are those of the inputs and of every tensor that a later step still reads. Parameters
    are not among them, nor what an operation uses while it runs.
    """

    step: int
    block: str
    bytes: int


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


def cost(trace: Trace) -> Costs:
    """The costs of a forward. Needs numbers: a trace in formulas has no single cost."""
    flops = _running_sum(_flops(step) for step in trace.steps)
    written = _running_sum(_bytes_written(step) for step in trace.steps)
    uncounted = [step.op if _is_uncounted(step) else None for step in trace.steps]

    def of(block: Block) -> Cost:
        first, last = block.first, block.last
        names = Counter(name for name in uncounted[first:last] if name)
        return Cost(
            parameters=block.parameters,
            buffers=block.buffers,
            flops=flops[last] - flops[first],
            activation_bytes=written[last] - written[first],
            uncounted=dict(names.most_common()),
        )

    blocks = {call: of(block) for call, block in trace.blocks.items()}
    weights = {weight.name: weight for step in trace.steps for weight in step.weights}
    return Costs(
        total=blocks[trace.root.call],
        blocks=blocks,
        weight_bytes=sum(map(size_in_bytes, weights.values())),
        peak=_peak(trace),
    )


def size_in_bytes(value: Value) -> int:
    """Bytes of a tensor that is kept whole. Raises TypeError where a size is a formula."""
    sizes = [dim for dim in value.shape if isinstance(dim, int)]
    if len(sizes) < len(value.shape):
        raise TypeError(f"{value.name} has formulas for sizes: {value.shape}. Trace with numbers.")
    return prod(sizes) * BYTES[value.dtype]


def _running_sum(numbers: Iterator[int]) -> list[int]:
    """Sums of the first 0, 1, 2, ... numbers, so that any stretch costs one subtraction."""
    sums = [0]
    for number in numbers:
        sums.append(sums[-1] + number)
    return sums


def _flops(step: Step) -> int:
    return step.flops if isinstance(step.flops, int) else 0


def _bytes_written(step: Step) -> int:
    return 0 if step.memory_of else sum(map(size_in_bytes, step.outputs))


def _is_uncounted(step: Step) -> bool:
    return step.flops is None and step.op not in MOVES


def _peak(trace: Trace) -> Peak:
    memory = _memories(trace)
    last_read = {memory[value.name]: n for n, value in _reads(trace) if value.name in memory}
    sizes = {value.name: size_in_bytes(value) for value in trace.inputs}
    held = sum(sizes.values())
    peak = Peak(-1, trace.root.call, held)
    freed: Counter[int] = Counter()
    for number, step in enumerate(trace.steps):
        if not step.memory_of:
            for value in step.outputs:
                held += size_in_bytes(value)
                freed[last_read.get(value.name, number)] += size_in_bytes(value)
        if held > peak.bytes:
            peak = Peak(number, step.block, held)
        held -= freed.pop(number, 0)
    return peak


def _memories(trace: Trace) -> dict[str, str]:
    """By the name of a value, the name of the one that first took the memory it lies in."""
    memory = {value.name: value.name for value in trace.inputs}
    for step in trace.steps:
        for value in step.outputs:
            base = step.memory_of
            memory[value.name] = memory.get(base, base) if base else value.name
    return memory


def _reads(trace: Trace) -> Iterator[tuple[int, Value]]:
    """Each reading of a value, with the number of its step; the outputs are read at the end."""
    for number, step in enumerate(trace.steps):
        for value in step.inputs:
            yield number, value
    for value in trace.outputs:
        yield len(trace.steps), value
