"""The cost of one operation: its FLOPs, the bytes that it writes, and whether it is known."""

from __future__ import annotations

from functools import cache, lru_cache, reduce
from operator import mul

from tracer.algebra.polynomial import Formula, from_dim
from tracer.analysis.operations import traits
from tracer.analysis.skip_stack.depth_and_bytes import bytes_of
from tracer.record import Dim, Step, Trace, Value

Amount = int | Formula
"""A number of FLOPs or bytes: an int or, in a symbolic trace, a formula of the sizes."""


def is_zero(amount: Amount) -> bool:
    """Return whether an amount is 0 at any size."""
    return amount == 0 if isinstance(amount, int) else not amount.terms


def is_symbolic(trace: Trace) -> bool:
    """Return whether the sizes of a trace are formulas, so that its costs are formulas, too."""
    sizes = (size for value in trace.inputs for size in value.shape)
    return bool(trace.symbols) or any(isinstance(size, str) for size in sizes)


def run_sizes(trace: Trace) -> dict[str, int]:
    """Return the sizes of the recorded run, by symbol; none if the sizes are numbers."""
    return {symbol.name: symbol.size for symbol in trace.symbols}


def step_flops(step: Step) -> Amount:
    """Return the FLOPs of an operation; 0 if its cost is not known."""
    if step.flops is None or isinstance(step.flops, int):
        return step.flops or 0
    return from_dim(step.flops)


def bytes_written(step: Step) -> Amount:
    """Return the bytes of new memory that an operation fills: 0 for a view or an in-place one."""
    return sum(map(size_in_bytes, step.outputs)) if step.memory_of is None else 0


def is_uncounted(step: Step) -> bool:
    """Return whether an operation does arithmetic, and no cost is known for it."""
    return step.flops is None and not traits(step.op).free


def size_in_bytes(value: Value) -> Amount:
    """Return the bytes that the elements of a tensor take.

    Raises:
        ValueError: The dtype is not known.
    """
    element = _element_size(value.dtype)
    if element is None:
        raise ValueError(f"{value.name} is {value.dtype}: the size of this dtype is not known.")
    return element * _element_count(value.shape)


@cache
def _element_size(dtype: str) -> int | None:
    return bytes_of(Value("", (), dtype))


@lru_cache(maxsize=4096)
def _element_count(shape: tuple[Dim, ...]) -> Amount:
    sizes = (size if isinstance(size, int) else from_dim(size) for size in shape)
    return reduce(mul, sizes, 1)
