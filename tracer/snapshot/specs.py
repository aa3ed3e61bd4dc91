"""A snapshot and its parts: plain, frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tracer.record import Dim, Trace
from tracer.target_spec import Mode


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """The shape and dtype of a tensor."""

    shape: tuple[Dim, ...]
    dtype: str


@dataclass(frozen=True, slots=True)
class BlockSpec:
    """One call of a module: its class, inputs and outputs.

    `residuals` counts the residual additions in its own forward: sums of two feature maps of one
    shape that are not skips. `flops` is None if unknown. `weights` are the parameters and buffers
    that the block itself reads, highest rank first; empty if unknown.
    """

    call: str
    kind: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    parameters: int
    residuals: int = 0
    flops: Dim | None = None
    weights: tuple[TensorSpec, ...] = ()


@dataclass(frozen=True, slots=True)
class SkipSpec:
    """One skip: the block that made the tensor, the block that receives it, and the join.

    `join` is None for a tensor that was pushed and never joined; then `target` is empty.
    `operands` are those of a concatenation in order: ``("h 256", "skip 128")``. `via` are the
    operations on the tensor between its source and the join.
    """

    source: str
    target: str
    tensor: TensorSpec
    join: str | None = None
    operands: tuple[str, ...] = ()
    via: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SizeRulesSpec:
    """The sizes at which a model runs.

    `axes` are those of its inputs, ``{"x": ("B", "3", "H", "W")}``. `rules` has the rule for each
    name in them: ``{"H": "multiples of 8, at least 8"}``.
    """

    axes: Mapping[str, tuple[str, ...]]
    rules: Mapping[str, str]


@dataclass(frozen=True)
class Snapshot:
    """Everything that is compared of a model.

    `target` is what was traced. `model` is the call of the model itself, whose `call` is empty;
    `blocks` are all other calls in order. `size_rules` is None if nothing is known of other sizes.
    `mode` is the one in which the model ran, None if it is not known. `older` says that the
    snapshot was read from a lock file of an older format, whose skips and rules an older version
    found. `trace` is the trace that the snapshot was made from, None if it was read from a file.
    """

    target: str
    model: BlockSpec
    skips: tuple[SkipSpec, ...]
    blocks: tuple[BlockSpec, ...]
    buffers: int = 0
    size_rules: SizeRulesSpec | None = None
    mode: Mode | None = None
    older: bool = field(default=False, compare=False)
    trace: Trace | None = field(default=None, compare=False, repr=False)

    @cached_property
    def by_call(self) -> Mapping[str, BlockSpec]:
        """Every block by its call; the model itself has the empty call."""
        return {block.call: block for block in (self.model, *self.blocks)}

    @property
    def symbolic(self) -> bool:
        """Whether sizes of the model's inputs or outputs are formulas."""
        tensors = (*self.model.inputs, *self.model.outputs)
        return any(isinstance(size, str) for tensor in tensors for size in tensor.shape)
