"""Makes a snapshot from a trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from itertools import accumulate

from tracer.algebra.polynomial import Formula, as_dim, from_dim
from tracer.analysis.operations import traits
from tracer.analysis.skip_stack import build_ledger, without_tables
from tracer.analysis.skips import SkipLink, skips
from tracer.analysis.skips.skip_link import FEATURE_MAP_RANK
from tracer.analysis.stack_events import stack
from tracer.record import Block, Step, Trace, Value
from tracer.snapshot.specs import BlockSpec, SkipSpec, Snapshot, TensorSpec

RESIDUAL_OPERANDS = 2
"""A sum of two feature maps is a residual addition, unless it joins a skip."""


def snapshot_of(trace: Trace) -> Snapshot:
    """Return the snapshot of a trace.

    Args:
        trace: The trace. Without lines, tensors that were pushed and never joined are not found.

    >>> from tracer.record import Block, Trace, Value
    >>> x = Value("x", (1, 3, 8, 8), "float32")
    >>> root = Block("", "", "Identity", (x,), (x,), 0, 0, 0, 0)
    >>> snapshot_of(Trace("Identity", (x,), (x,), (), root)).model.outputs
    (TensorSpec(shape=(1, 3, 8, 8), dtype='float32'),)
    """
    links = sorted(skips(trace), key=lambda link: (link.pushed, link.popped))
    residuals = _residuals(trace, {link.popped for link in links})
    flops = _flops(trace)
    weights = _weights(trace)
    model, *blocks = (
        replace(_block(block, residuals, flops), weights=weights.get(block.call, ()))
        for block in trace.root.walk()
    )
    return Snapshot(
        target=trace.target,
        model=model,
        skips=(*(_skip(trace, link) for link in links), *_unjoined(trace, links)),
        blocks=tuple(blocks),
        buffers=trace.root.buffers,
        mode=trace.mode,
        trace=trace,
    )


def tensor_spec(value: Value) -> TensorSpec:
    """Return the shape and dtype of a tensor; formulas without spaces, which separate axes."""
    shape = tuple(size if isinstance(size, int) else size.replace(" ", "") for size in value.shape)
    return TensorSpec(shape, value.dtype)


def _block(block: Block, residuals: Counter[str], flops: Sequence[Formula]) -> BlockSpec:
    return BlockSpec(
        call=block.call,
        kind=block.kind,
        inputs=tuple(map(tensor_spec, block.inputs)),
        outputs=tuple(map(tensor_spec, block.outputs)),
        parameters=block.parameters,
        residuals=residuals[block.call],
        flops=as_dim(flops[block.last] - flops[block.first]),
    )


def _weights(trace: Trace) -> dict[str, tuple[TensorSpec, ...]]:
    """The weights that each block with own parameters reads, highest rank first, then by name."""
    read: dict[str, set[Value]] = {}
    for step in trace.steps:
        if trace.blocks[step.block].own_parameters:
            read.setdefault(step.block, set()).update(step.weights)
    return {
        call: tuple(
            map(tensor_spec, sorted(values, key=lambda value: (-len(value.shape), value.name)))
        )
        for call, values in read.items()
    }


def _residuals(trace: Trace, popped: Set[int]) -> Counter[str]:
    """The number of residual additions in each block's own forward."""
    steps = (step for number, step in enumerate(trace.steps) if number not in popped)
    return Counter(step.block for step in steps if _is_residual(step))


def _is_residual(step: Step) -> bool:
    shapes = {value.shape for value in step.inputs}
    maps = [value for value in step.inputs if len(value.shape) >= FEATURE_MAP_RANK]
    kind = traits(step.op).join
    is_sum = kind is not None and kind.mode == "sum"
    return is_sum and len(maps) == RESIDUAL_OPERANDS and len(shapes) == 1


def _flops(trace: Trace) -> list[Formula]:
    """FLOPs of the first 0, 1, 2, ... steps."""
    counts = (from_dim(step.flops or 0) for step in trace.steps)
    return list(accumulate(counts, initial=from_dim(0)))


def _skip(trace: Trace, link: SkipLink) -> SkipSpec:
    step = trace.steps[link.popped]
    kind = traits(step.op).join
    operands = _operands(step, link) if kind and kind.mode == "concatenate" else ()
    tensor = tensor_spec(link.value)
    return SkipSpec(link.source, link.target, tensor, link.join, operands, link.via)


def _operands(step: Step, link: SkipLink) -> tuple[str, ...]:
    """The operands of a concatenation in order: which one is the skip, and their sizes."""
    names = [value.name for value in step.inputs]
    others = (name for name in names if name != link.joined.name)
    skip = link.value.name if link.value.name in names else next(others, "")
    axis = _concatenated_axis(step)
    return tuple(
        f"{'skip' if value.name == skip else 'h'} {value.shape[axis]}" for value in step.inputs
    )


def _concatenated_axis(step: Step) -> int:
    """The axis along which a concatenation joins its operands."""
    before, after = step.inputs[0].shape, step.outputs[0].shape
    pairs = enumerate(zip(before, after, strict=True))
    return next((number for number, (one, two) in pairs if one != two), 1)


def _unjoined(trace: Trace, links: Sequence[SkipLink]) -> Iterator[SkipSpec]:
    """Tensors that the model pushed on its skip stack and never joined."""
    for entry in build_ledger(trace, without_tables(trace, stack(trace)), links).entries:
        if not entry.joins:
            yield SkipSpec(entry.pushed.block or "", "", tensor_spec(entry.value))
