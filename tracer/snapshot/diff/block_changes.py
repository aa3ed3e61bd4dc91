"""The differences between matched blocks, and which of them are root causes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from tracer.record import Dim
from tracer.snapshot import BlockSpec
from tracer.snapshot.block_text import format_tensors
from tracer.snapshot.diff.call_names import all_enclosing
from tracer.snapshot.diff.difference import (
    CLASS,
    FLOPS,
    MINOR_ASPECTS,
    Difference,
    DifferencePart,
)

ChangedPair = tuple[BlockSpec, BlockSpec]
Changes = Sequence[Difference]
INPUTS, RESIDUALS, PARAMETERS = "inputs", "residual additions", "parameters"
SHAPES, WEIGHTS = "shapes", "weights"


@dataclass(frozen=True, slots=True)
class UnmatchedBlocks:
    """The calls that only one of two models has; `first` is the first matched call after one.

    Names are those of the new model.
    """

    calls: tuple[str, ...]
    first: str | None


def block_differences(
    pairs: Sequence[ChangedPair], unmatched: UnmatchedBlocks
) -> Iterator[Difference]:
    """Yield the differences of each pair of blocks, the model itself first.

    A difference follows from others if a block inside the block differs, or if the inputs differ
    too and an earlier difference is a root cause. Another number of parameters never follows from
    another image size: only from an earlier root cause in parameters, or from unmatched blocks.

    Args:
        pairs: The old and new block of each pair, in the new order.
        unmatched: The blocks that only one model has.
    """
    changes_of = {new.call: tuple(_changes(old, new)) for old, new in pairs}
    enclosing = EnclosingBlocks.of(changes_of, unmatched)
    renamed = {new.call for old, new in pairs if old.call != new.call}
    causes: set[str | None] = set()
    for call, changes in changes_of.items():
        causes |= {SHAPES, PARAMETERS} if call == unmatched.first else set()
        inputs_differ = any(one.what == INPUTS for one in changes)
        weights_differ = any(one.what == WEIGHTS for one in changes)
        explained = {
            *(causes if inputs_differ else ()),
            *([FLOPS] if any(map(_is_major, changes)) else ()),
        }
        marked = [
            replace(
                one,
                begins=enclosing.may_be_root(one, renamed)
                and _explained_by(one) not in explained
                and not (weights_differ and one.what == PARAMETERS),
            )
            for one in changes
        ]
        roots = [one for one in marked if one.begins and _is_major(one)]
        causes = causes.union(*({SHAPES, _explained_by(one)} for one in roots))
        yield from marked


def _explained_by(one: Difference) -> str | None:
    """The kind of earlier root cause that a difference may follow from."""
    if one.what in {CLASS, RESIDUALS}:
        return None
    if one.what in {PARAMETERS, WEIGHTS}:
        return PARAMETERS
    return FLOPS if one.what == FLOPS else SHAPES


def _is_major(one: Difference) -> bool:
    """Whether other differences may follow from this one."""
    return one.what not in MINOR_ASPECTS


@dataclass(frozen=True, slots=True)
class EnclosingBlocks:
    """The blocks that enclose one that differs, and those that enclose one with other FLOPs."""

    of_changes: Set[str]
    of_costs: Set[str]

    @staticmethod
    def of(changes_of: Mapping[str, Changes], unmatched: UnmatchedBlocks) -> EnclosingBlocks:
        """Collect them from the changes of each block."""
        changed = [call for call, changes in changes_of.items() if any(map(_is_major, changes))]
        costs = (
            call for call, changes in changes_of.items() if any(c.what == FLOPS for c in changes)
        )
        of_changes = all_enclosing((*unmatched.calls, *filter(None, changed)))
        return EnclosingBlocks(of_changes, of_changes | all_enclosing(filter(None, costs)))

    def may_be_root(self, one: Difference, renamed: Set[str]) -> bool:
        """Whether no block inside the block explains a difference."""
        if one.what == CLASS:
            return one.name not in renamed
        if one.what == FLOPS:
            return one.name not in self.of_costs
        own = one.what == RESIDUALS or (one.part == "model" and one.what == INPUTS)
        return own or one.name not in self.of_changes


def _changes(old: BlockSpec, new: BlockSpec) -> Iterator[Difference]:
    part: DifferencePart = "block" if new.call else "model"
    for what, before, after in _aspects(old, new):
        if before != after:
            yield Difference("changed", part, new.call, what, before, after)


def _aspects(old: BlockSpec, new: BlockSpec) -> Iterator[tuple[str, str, str]]:
    yield CLASS, old.kind, new.kind
    yield INPUTS, format_tensors(old.inputs), format_tensors(new.inputs)
    yield "outputs", format_tensors(old.outputs), format_tensors(new.outputs)
    if old.weights and new.weights:
        yield WEIGHTS, format_tensors(old.weights), format_tensors(new.weights)
    yield PARAMETERS, f"{old.parameters:,}", f"{new.parameters:,}"
    yield RESIDUALS, str(old.residuals), str(new.residuals)
    if old.flops is not None and new.flops is not None:
        yield FLOPS, _flops_text(old.flops), _flops_text(new.flops)


def _flops_text(flops: Dim) -> str:
    return f"{flops:,}" if isinstance(flops, int) else flops
