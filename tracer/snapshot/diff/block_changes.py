"""What differs between blocks that are the same one, and which of it is only passed on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from tracer.record import Dim
from tracer.snapshot import BlockSpec
from tracer.snapshot.block_text import tensors_text
from tracer.snapshot.diff.difference import CLASS, FLOPS, REMARKS, Difference, DifferencePart
from tracer.snapshot.diff.renames import holders

ChangedPair = tuple[BlockSpec, BlockSpec]
Changes = Sequence[Difference]
INPUTS, RESIDUALS, PARAMETERS = "inputs", "residual additions", "parameters"
SHAPES, WEIGHTS = "shapes", "weights"


@dataclass(frozen=True, slots=True)
class Unpaired:
    """The calls that only one of two models has; `first` is the first call that one stands before.

    Names are those of the new model.
    """

    calls: tuple[str, ...]
    first: str | None


def changed_blocks(pairs: Sequence[ChangedPair], unpaired: Unpaired) -> Iterator[Difference]:
    """What differs in each pair, in the order of the calls, the model itself first.

    A difference follows from others where a block inside the block differs, or where the inputs
    differ as well and something that ran before is a beginning. A larger image explains no other
    number of parameters: that follows only from one that began before, or from other blocks.
    """
    found = {new.call: tuple(_changes(old, new)) for old, new in pairs}
    surroundings = _surroundings(found, unpaired)
    renamed = {new.call for old, new in pairs if old.call != new.call}
    begun: set[str | None] = set()
    for call, changes in found.items():
        begun |= {SHAPES, PARAMETERS} if call == unpaired.first else set()
        given = any(one.what == INPUTS for one in changes)
        explained = {*(begun if given else ()), *([FLOPS] if any(map(_counts, changes)) else ())}
        weighed = any(one.what == WEIGHTS for one in changes)
        told = [
            replace(
                one,
                begins=surroundings.begins(one, renamed)
                and _kind(one) not in explained
                and not (weighed and one.what == PARAMETERS),
            )
            for one in changes
        ]
        begun = begun.union(*({SHAPES, _kind(one)} for one in told if one.begins and _counts(one)))
        yield from told


def _kind(one: Difference) -> str | None:
    """What other inputs explain: other shapes, or other weights."""
    if one.what in {CLASS, RESIDUALS}:
        return None
    if one.what in {PARAMETERS, WEIGHTS}:
        return PARAMETERS
    return FLOPS if one.what == FLOPS else SHAPES


def _counts(one: Difference) -> bool:
    """Whether a difference explains those behind it."""
    return one.what not in REMARKS


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The blocks that hold one that differs, and those that hold one that costs something else."""

    of_changes: Set[str]
    of_costs: Set[str]

    def begins(self, one: Difference, renamed: Set[str]) -> bool:
        """Whether no block inside the block explains a difference."""
        if one.what == CLASS:
            return one.name not in renamed
        if one.what == FLOPS:
            return one.name not in self.of_costs
        own = one.what == RESIDUALS or (one.part == "model" and one.what == INPUTS)
        return own or one.name not in self.of_changes


def _surroundings(found: Mapping[str, Changes], unpaired: Unpaired) -> Surroundings:
    changed = (
        call for call, changes in found.items() if any(one.what not in REMARKS for one in changes)
    )
    around = holders((*unpaired.calls, *filter(None, changed)))
    costs = (call for call, changes in found.items() if any(one.what == FLOPS for one in changes))
    return Surroundings(around, around | holders(filter(None, costs)))


def _changes(old: BlockSpec, new: BlockSpec) -> Iterable[Difference]:
    part: DifferencePart = "block" if new.call else "model"
    for what, before, after in _aspects(old, new):
        if before != after:
            yield Difference("changed", part, new.call, what, before, after)


def _aspects(old: BlockSpec, new: BlockSpec) -> Iterator[tuple[str, str, str]]:
    yield CLASS, old.kind, new.kind
    yield INPUTS, tensors_text(old.inputs), tensors_text(new.inputs)
    yield "outputs", tensors_text(old.outputs), tensors_text(new.outputs)
    if old.weights and new.weights:
        yield WEIGHTS, tensors_text(old.weights), tensors_text(new.weights)
    yield PARAMETERS, f"{old.parameters:,}", f"{new.parameters:,}"
    yield RESIDUALS, str(old.residuals), str(new.residuals)
    if old.flops is not None and new.flops is not None:
        yield FLOPS, _flops(old.flops), _flops(new.flops)


def _flops(count: Dim) -> str:
    return f"{count:,}" if isinstance(count, int) else count
