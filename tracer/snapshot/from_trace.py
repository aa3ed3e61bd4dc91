"""The blueprint of a trace."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace
from itertools import accumulate

from tracer.algebra.polynomial import Formula, as_dim, from_dim
from tracer.analysis.operations import traits
from tracer.analysis.skips import SkipLink, skips
from tracer.analysis.skips.skip_link import FEATURE_MAP_RANK
from tracer.analysis.stack import build_ledger
from tracer.analysis.stack_events import stack
from tracer.record import Block, Step, Trace, Value
from tracer.snapshot.model import BlockSpec, SkipSpec, Snapshot, TensorSpec

OPERANDS = 2
"""A sum of two feature maps is a residual connection, if it is no skip."""


def blueprint(trace: Trace) -> Snapshot:
    """The blueprint of a trace. What was put aside and never joined needs the trace's lines."""
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
        trace=trace,
    )


def spec(value: Value) -> TensorSpec:
    """The shape and dtype of a tensor; a formula has no blanks here, for they part the axes."""
    shape = tuple(size if isinstance(size, int) else size.replace(" ", "") for size in value.shape)
    return TensorSpec(shape, value.dtype)


def _block(block: Block, residuals: Counter[str], flops: Sequence[Formula]) -> BlockSpec:
    return BlockSpec(
        call=block.call,
        kind=block.kind,
        inputs=tuple(map(spec, block.inputs)),
        outputs=tuple(map(spec, block.outputs)),
        parameters=block.parameters,
        residuals=residuals[block.call],
        flops=as_dim(flops[block.last] - flops[block.first]),
    )


def _weights(trace: Trace) -> dict[str, tuple[TensorSpec, ...]]:
    """What each block with parameters of its own reads, in an order that no code gives."""
    read: dict[str, set[Value]] = {}
    for step in trace.steps:
        if trace.blocks[step.block].own_parameters:
            read.setdefault(step.block, set()).update(step.weights)
    return {
        call: tuple(map(spec, sorted(values, key=lambda value: (-len(value.shape), value.name))))
        for call, values in read.items()
    }


def _residuals(trace: Trace, popped: Set[int]) -> Counter[str]:
    """How many residual additions each block did itself."""
    steps = (step for number, step in enumerate(trace.steps) if number not in popped)
    return Counter(step.block for step in steps if _is_residual(step))


def _is_residual(step: Step) -> bool:
    shapes = {value.shape for value in step.inputs}
    maps = [value for value in step.inputs if len(value.shape) >= FEATURE_MAP_RANK]
    kind = traits(step.op).join
    is_sum = kind is not None and kind.mode == "sum"
    return is_sum and len(maps) == OPERANDS and len(shapes) == 1


def _flops(trace: Trace) -> list[Formula]:
    """FLOPs of the first 0, 1, 2, ... steps."""
    counts = (from_dim(step.flops or 0) for step in trace.steps)
    return list(accumulate(counts, initial=from_dim(0)))


def _skip(trace: Trace, link: SkipLink) -> SkipSpec:
    step = trace.steps[link.popped]
    kind = traits(step.op).join
    operands = _operands(step, link) if kind and kind.mode == "concatenate" else ()
    tensor = spec(link.value)
    return SkipSpec(link.source, link.target, tensor, link.join, operands, link.via)


def _operands(step: Step, link: SkipLink) -> tuple[str, ...]:
    """What a concatenation joins, in its order: which operand is the skip, and how large it is."""
    names = [value.name for value in step.inputs]
    others = (name for name in names if name != link.joined.name)
    skip = link.value.name if link.value.name in names else next(others, "")
    axis = _axis(step)
    return tuple(
        f"{'skip' if value.name == skip else 'h'} {value.shape[axis]}" for value in step.inputs
    )


def _axis(step: Step) -> int:
    """The axis along which a concatenation joins."""
    before, after = step.inputs[0].shape, step.outputs[0].shape
    pairs = enumerate(zip(before, after, strict=True))
    return next((number for number, (one, two) in pairs if one != two), 1)


def _unjoined(trace: Trace, links: Sequence[SkipLink]) -> Iterator[SkipSpec]:
    """What the model's lines put aside on a stack of skips, and no join took."""
    for entry in build_ledger(trace, stack(trace), links).entries:
        if not entry.joins:
            yield SkipSpec(entry.pushed.block or "", "", spec(entry.value))
