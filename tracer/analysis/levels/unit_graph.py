"""The units of a picture and the tensors that flow between them, from the steps of a trace.

Some blocks are opened: their children and their own operations are looked at one by one. Every
other block is one unit, whatever happens inside it. An operation that an opened block runs itself
is a unit when it joins a skip, when it brings two flows together or when it changes the resolution;
any other only passes a tensor on, and is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Literal

from tracer.analysis.levels.numbered_skips import Skip
from tracer.analysis.levels.spatial_sizes import Planes
from tracer.record import Block, Step, Trace, Value

UnitKind = Literal["input", "block", "join", "operation", "output"]


@dataclass(frozen=True, slots=True)
class Unit:
    """One box of a picture; `name` is a block call, or what else is unique in the picture.

    `inputs` are the tensors that it took from other units, in the order of their first use. The
    steps that it ran are ``trace.steps[first:last]``; a model's input and output ran none.
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
    """A tensor that one unit made and another one takes, by way of a skip or directly.

    A skip may pass through a unit, a gate for one: then it has several flows, of which the first
    `starts` and the last `ends`.
    """

    source: str
    target: str
    value: Value
    skip: Skip | None = None
    starts: bool = True
    ends: bool = True


@dataclass(frozen=True, slots=True)
class UnitGraph:
    """Units in the order in which they ran, and the flows between them, sorted by target."""

    units: tuple[Unit, ...]
    flows: tuple[Flow, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """What is drawn of a block: which blocks are opened, and whether each operation is a unit."""

    opened: Set[str]
    joins: Mapping[int, tuple[Skip, ...]] = field(default_factory=dict)
    every_operation: bool = False


def by_join(skips: Iterable[Skip]) -> dict[int, tuple[Skip, ...]]:
    """For the number of each step that joins, the skips that it joins."""
    joins: dict[int, tuple[Skip, ...]] = {}
    for skip in skips:
        joins[skip.link.popped] = (*joins.get(skip.link.popped, ()), skip)
    return joins


def unit_flows(trace: Trace, block: Block, selection: Selection, planes: Planes) -> UnitGraph:
    """The units of one block that is opened, and the flows between them."""
    walk = _Walk(trace, selection, planes)
    for value in block.inputs:
        walk.enter(value)
    walk.open(block)
    walk.leave(block.outputs)
    return UnitGraph(tuple(walk.units.values()), tuple(walk.flows))


class _Walk:
    """Goes through the steps once, in order; for each tensor it knows the unit that it is from.

    `loose` has, for tensors that were made from no other, the number of their step.
    """

    def __init__(self, trace: Trace, selection: Selection, planes: Planes) -> None:
        self.trace = trace
        self.selection = selection
        self.planes = planes
        self.units: dict[str, Unit] = {}
        self.flows: list[Flow] = []
        self.origins: dict[str, str] = {}
        self.loose: dict[str, int] = {}

    def enter(self, value: Value) -> None:
        """A tensor comes from outside."""
        if value.name not in self.origins:
            self.origins[value.name] = name = f"input {value.name}"
            self.units[name] = Unit(name, "input", value.name, (), (value,), 0, 0)

    def open(self, block: Block) -> None:
        """Look at each child, and at each operation between the children."""
        at = block.first
        for child in block.children:
            self.operations(at, child.first)
            if child.call in self.selection.opened:
                self.open(child)
            else:
                self.close(child)
            at = max(at, child.last)
        self.operations(at, block.last)

    def close(self, block: Block) -> None:
        """A block that is one unit; one that ran nothing (an identity) is none."""
        if block.first == block.last:
            return
        inputs = self.taken(block.call, range(block.first, block.last))
        outputs = block.outputs or self.trace.steps[block.last - 1].outputs
        self.units[block.call] = Unit(
            block.call, "block", block.call, inputs, outputs, block.first, block.last, block
        )

    def operations(self, first: int, last: int) -> None:
        """Operations of an opened block: each is a unit, or passes a tensor on."""
        for number in range(first, last):
            step = self.trace.steps[number]
            sources = {self.origins[v.name] for v in step.inputs if v.name in self.origins}
            if self.is_unit(number, step, len(sources)):
                self.operation(number)
            elif sources:
                self.origins |= dict.fromkeys((v.name for v in step.outputs), sources.pop())
            else:
                self.loose |= dict.fromkeys((v.name for v in step.outputs), number)

    def is_unit(self, number: int, step: Step, sources: int) -> bool:
        """Whether an operation is drawn; `sources` counts the units that it takes tensors from."""
        if self.selection.every_operation or sources > 1 or number in self.selection.joins:
            return True
        return self.planes.is_resampled_by(step)

    def operation(self, number: int) -> None:
        """An operation that is a unit."""
        step, joins = self.trace.steps[number], number in self.selection.joins
        name = f"{step.op} {number}"
        kind: UnitKind = "join" if joins else "operation"
        inputs = self.taken(name, range(number, number + 1))
        self.units[name] = Unit(name, kind, step.op, inputs, step.outputs, number, number + 1)

    def taken(self, name: str, numbers: range) -> tuple[Value, ...]:
        """What a unit takes from others while it runs these steps: one flow for each tensor."""
        taken: dict[str, Value] = {}
        for number in numbers:
            step = self.trace.steps[number]
            for value in step.inputs:
                if self.origin(value) != name:
                    taken.setdefault(value.name, value)
            self.origins |= dict.fromkeys((value.name for value in step.outputs), name)
        skips = [skip for n in numbers for skip in self.selection.joins.get(n, ())]
        popped = self.popped(taken, skips)
        self.flows += (Flow(self.origins[v], name, taken[v], popped.get(v)) for v in taken)
        return tuple(taken.values())

    def origin(self, value: Value) -> str:
        """The unit that a tensor is from; one that no unit made comes from outside."""
        if value.name in self.loose:
            self.tie(self.loose[value.name])
        elif value.name not in self.origins:
            self.enter(value)
        return self.origins[value.name]

    def tie(self, number: int) -> None:
        """An operation that took no tensor (`arange`), and that a unit takes from after all."""
        step = self.trace.steps[number]
        name = f"{step.op} {number}"
        self.units[name] = Unit(name, "operation", step.op, (), step.outputs, number, number + 1)
        for value in step.outputs:
            self.origins[value.name] = name
            del self.loose[value.name]

    def popped(self, taken: Mapping[str, Value], skips: Iterable[Skip]) -> dict[str, Skip]:
        """Which tensor is which skip; one that was padded on its way has another name by now."""
        found = ((next((name for name in s.way if name in taken), None), s) for s in skips)
        return {name: skip for name, skip in found if name is not None}

    def leave(self, outputs: tuple[Value, ...]) -> None:
        """The outputs of the block that is drawn."""
        for number, value in enumerate(outputs):
            name = f"output {number}"
            label = name if len(outputs) > 1 else "output"
            self.units[name] = Unit(name, "output", label, (value,), (), 0, 0)
            self.flows.append(Flow(self.origin(value), name, value))
