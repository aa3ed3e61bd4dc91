"""A blueprint and its parts: plain, frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from tracer.record import Dim, Trace


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """The shape and dtype of a tensor."""

    shape: tuple[Dim, ...]
    dtype: str


@dataclass(frozen=True, slots=True)
class BlockSpec:
    """One call of a module: its class, and what went in and came out.

    `residuals` counts the additions of two feature maps of one shape that its own forward does,
    skips left out. `flops` are None where they are not known. `weights` are the parameters and
    buffers that the block itself reads, most axes first; none where they are not known.
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
    """One skip: the block that made the tensor, the block that took it in, and how it was joined.

    `join` is None for a tensor that was put aside and never joined; then `target` is empty.
    `operands` are those of a concatenation in their order: ``("h 256", "skip 128")``. `via` is what
    was done to the tensor on its way.
    """

    source: str
    target: str
    tensor: TensorSpec
    join: str | None = None
    operands: tuple[str, ...] = ()
    via: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LawSpec:
    """At which sizes a model runs.

    `axes` are those of its inputs, ``{"x": ("B", "3", "H", "W")}``; `rules` says for each name what
    its size has to be: ``{"H": "multiples of 8, at least 8"}``.
    """

    axes: Mapping[str, tuple[str, ...]]
    rules: Mapping[str, str]


@dataclass(frozen=True)
class Snapshot:
    """All that is compared of a model.

    `target` is what was traced, `model` the call of the model itself, whose `call` is empty;
    `blocks` are all other calls, in their order. `law` is None where nothing is known of other
    sizes. `trace` is what it was made from, where that is at hand.
    """

    target: str
    model: BlockSpec
    skips: tuple[SkipSpec, ...]
    blocks: tuple[BlockSpec, ...]
    buffers: int = 0
    law: LawSpec | None = None
    trace: Trace | None = field(default=None, compare=False, repr=False)

    @cached_property
    def by_call(self) -> Mapping[str, BlockSpec]:
        """Every block by its call, the model itself by the empty one."""
        return {block.call: block for block in (self.model, *self.blocks)}

    @property
    def symbolic(self) -> bool:
        """Whether sizes of the model's inputs or outputs are formulas."""
        tensors = (*self.model.inputs, *self.model.outputs)
        return any(isinstance(size, str) for tensor in tensors for size in tensor.shape)
