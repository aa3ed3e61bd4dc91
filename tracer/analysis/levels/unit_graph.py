"""The units of a diagram and the tensors that flow between them, from the steps of a trace.

Some blocks are expanded: their children and their own operations are looked at one by one. Every
other block is one unit, whatever happens inside it. An operation that an expanded block runs itself
is a unit if it joins a skip, takes tensors from two units or changes the resolution; any other only
passes a tensor on, and is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Literal

from tracer.analysis.levels.numbered_skips import NumberedSkip
from tracer.analysis.levels.spatial_sizes import SpatialSizes
from tracer.record import Block, Step, Trace, Value

UnitKind = Literal["input", "block", "join", "operation", "output"]


@dataclass(frozen=True, slots=True)
class Unit:
    """One box of a diagram.

    Attributes:
        name: The call of its block, or another name that is unique in the diagram.
        kind: What it is.
        label: What the diagram calls it.
        inputs: The tensors that it took from other units, in the order of their first use.
        outputs: The tensors that it put out.
        first: The steps that it ran are ``trace.steps[first:last]``; inputs and outputs of the
            model ran none.
        last: The number after its last step.
        block: The block, if it is one.
    """

    name: str
    kind: UnitKind
    label: str
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    first: int
    last: int
    block: Block | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """A tensor that one unit makes and another takes in, directly or as a skip.

    A skip that passes through a unit, such as a gate, has several flows: `starts` is true for the
    first of them, `ends` for the last. A tensor that is several skips, such as two that were
    concatenated before, has a flow for each.
    """

    source: str
    target: str
    value: Value
    skip: NumberedSkip | None = None
    starts: bool = True
    ends: bool = True


@dataclass(frozen=True, slots=True)
class UnitGraph:
    """Units in the order in which they ran, and the flows between them, sorted by target."""

    units: tuple[Unit, ...]
    flows: tuple[Flow, ...]


@dataclass(frozen=True, slots=True)
class UnitSelection:
    """What of a block becomes a unit.

    Attributes:
        expanded: The calls of the blocks that are expanded.
        joins: The skips that a step joins, by its number.
        every_operation: Each operation of an expanded block is a unit.
    """

    expanded: Set[str]
    joins: Mapping[int, tuple[NumberedSkip, ...]] = field(default_factory=dict)
    every_operation: bool = False


def skips_by_join(skips: Iterable[NumberedSkip]) -> dict[int, tuple[NumberedSkip, ...]]:
    """Returns, for the number of each step that joins skips, those skips."""
    joins: dict[int, tuple[NumberedSkip, ...]] = {}
    for skip in skips:
        joins[skip.link.popped] = (*joins.get(skip.link.popped, ()), skip)
    return joins


def build_unit_graph(
    trace: Trace, block: Block, selection: UnitSelection, sizes: SpatialSizes
) -> UnitGraph:
    """Return the units of one expanded block, and the flows between them."""
    builder = _UnitGraphBuilder(trace, selection, sizes)
    for value in block.inputs:
        builder.add_input(value)
    builder.add_parts(block)
    builder.add_outputs(block.outputs)
    return UnitGraph(tuple(builder.units.values()), tuple(builder.flows))


class _UnitGraphBuilder:
    """Passes through the steps once, in order.

    `origins` is the unit that each tensor is from. `unused` has, for each tensor that was made from
    no other (`arange`) and that no unit took in so far, the number of its step.
    """

    def __init__(self, trace: Trace, selection: UnitSelection, sizes: SpatialSizes) -> None:
        self.trace = trace
        self.selection = selection
        self.sizes = sizes
        self.units: dict[str, Unit] = {}
        self.flows: list[Flow] = []
        self.origins: dict[str, str] = {}
        self.unused: dict[str, int] = {}

    def add_input(self, value: Value) -> None:
        """Add the unit of a tensor from outside, if it is new."""
        if value.name not in self.origins:
            self.origins[value.name] = name = f"input {value.name}"
            self.units[name] = Unit(name, "input", value.name, (), (value,), 0, 0)

    def add_parts(self, block: Block) -> None:
        """Add the units of an expanded block: its children, and the operations between them."""
        next_step = block.first
        for child in block.children:
            self.add_operations(next_step, child.first)
            if child.call in self.selection.expanded:
                self.add_parts(child)
            else:
                self.add_block(child)
            next_step = max(next_step, child.last)
        self.add_operations(next_step, block.last)

    def add_block(self, block: Block) -> None:
        """Add a block as one unit, unless it ran nothing (an identity)."""
        if block.first == block.last:
            return
        inputs = self.connect(block.call, range(block.first, block.last))
        outputs = block.outputs or self.trace.steps[block.last - 1].outputs
        self.units[block.call] = Unit(
            block.call, "block", block.call, inputs, outputs, block.first, block.last, block
        )

    def add_operations(self, first: int, last: int) -> None:
        """Add operations of an expanded block: each is a unit, or passes a tensor on."""
        for number in range(first, last):
            step = self.trace.steps[number]
            sources = {self.origins[v.name] for v in step.inputs if v.name in self.origins}
            if self.is_unit(number, step, len(sources)):
                self.add_operation(number)
            elif sources:
                self.origins |= dict.fromkeys((v.name for v in step.outputs), sources.pop())
            else:
                self.unused |= dict.fromkeys((v.name for v in step.outputs), number)

    def is_unit(self, number: int, step: Step, sources: int) -> bool:
        """Whether an operation that takes tensors from so many units is a unit itself."""
        if self.selection.every_operation or sources > 1 or number in self.selection.joins:
            return True
        return self.sizes.is_resampled_by(step)

    def add_operation(self, number: int) -> None:
        step, joins = self.trace.steps[number], number in self.selection.joins
        name = f"{step.op} {number}"
        kind: UnitKind = "join" if joins else "operation"
        inputs = self.connect(name, range(number, number + 1))
        self.units[name] = Unit(name, kind, step.op, inputs, step.outputs, number, number + 1)

    def connect(self, name: str, numbers: range) -> tuple[Value, ...]:
        """Add a flow for each tensor that a unit takes from others, and return the tensors."""
        inputs: dict[str, Value] = {}
        for number in numbers:
            step = self.trace.steps[number]
            for value in step.inputs:
                if self.origin(value) != name:
                    inputs.setdefault(value.name, value)
            self.origins |= dict.fromkeys((value.name for value in step.outputs), name)
        joined = [skip for n in numbers for skip in self.selection.joins.get(n, ())]
        skips = _skips_by_value(joined, inputs)
        for name_of_value, value in inputs.items():
            source = self.origins[name_of_value]
            for skip in skips.get(name_of_value, (None,)):
                self.flows.append(Flow(source, name, value, skip))
        return tuple(inputs.values())

    def origin(self, value: Value) -> str:
        """The unit that a tensor is from; one that no unit made comes from outside."""
        if value.name in self.unused:
            self.add_unused(self.unused[value.name])
        elif value.name not in self.origins:
            self.add_input(value)
        return self.origins[value.name]

    def add_unused(self, number: int) -> None:
        """Add an operation without inputs that a unit takes in after all."""
        step = self.trace.steps[number]
        name = f"{step.op} {number}"
        self.units[name] = Unit(name, "operation", step.op, (), step.outputs, number, number + 1)
        for value in step.outputs:
            self.origins[value.name] = name
            del self.unused[value.name]

    def add_outputs(self, outputs: tuple[Value, ...]) -> None:
        """Add the outputs of the block."""
        for number, value in enumerate(outputs):
            name = f"output {number}"
            label = name if len(outputs) > 1 else "output"
            self.units[name] = Unit(name, "output", label, (value,), (), 0, 0)
            self.flows.append(Flow(self.origin(value), name, value))


def _skips_by_value(
    skips: Iterable[NumberedSkip], inputs: Mapping[str, Value]
) -> dict[str, tuple[NumberedSkip, ...]]:
    """Which input is which skips; one that was padded before has another name than the skip."""
    found: dict[str, tuple[NumberedSkip, ...]] = {}
    for skip in skips:
        name = next((name for name in skip.names if name in inputs), None)
        if name is not None:
            found[name] = (*found.get(name, ()), skip)
    return found
