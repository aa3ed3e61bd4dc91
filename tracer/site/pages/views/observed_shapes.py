"""What a trace saw of each piece of a function: shapes by call, or by round of a loop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracer.record import Block, Trace, Value
from tracer.site.content.executions import RETURN, Execution, arguments
from tracer.site.content.load import Walkthrough
from tracer.site.models.dual_text import DualText, once
from tracer.site.pages.urls import Addresses
from tracer.site.pages.views.places import PlaceLinks
from tracer.site.pages.words import Words

FEW_CALLS = 3
"""So many different rows of a table stand open; more of them are folded."""

Cells = dict[str, DualText]
"""The shapes that one execution saw, by column."""
NO_TEXT = once("")


@dataclass(frozen=True, slots=True)
class ObservedRow:
    """What some executions had in common: the shapes, and the calls or rounds of the loop."""

    shapes: tuple[DualText, ...]
    calls: tuple[PlaceLinks, ...]


@dataclass(frozen=True, slots=True)
class ObservedOperation:
    """A tensor operation, or a whole block, that ran on a line, and the shape that it put out."""

    name: str
    shape: DualText
    block: PlaceLinks | None = None


@dataclass(frozen=True, slots=True)
class ObservedStatement:
    """What was seen of one piece: a table, how many executions that was, and what ran.

    `operations` are those of the first execution, which `operations_in` names where there are more.
    """

    columns: tuple[str, ...]
    rows: tuple[ObservedRow, ...]
    times: int
    operations: tuple[ObservedOperation, ...] = ()
    operations_in: str = ""

    @property
    def is_folded(self) -> bool:
        return len(self.rows) > FEW_CALLS

    @property
    def is_one(self) -> bool:
        """Whether every execution saw the same."""
        return len(self.rows) == 1


class Observer:
    """Tells what was seen of the pieces of one walkthrough."""

    def __init__(self, found: Walkthrough, to: Addresses, words: Words) -> None:
        self.found = found
        self.trace: Trace = found.findings.trace
        self.shapes = found.findings.shapes
        self.to = to
        self.words = words
        self.has_table = found.walk.trace in {traced.name for traced in to.content.plan.shown}

    def seen(self, number: int) -> ObservedStatement | None:
        """What was seen of a piece; None when nothing was."""
        if self.found.function.pieces[number].kind == "signature":
            return self.arguments()
        runs = [run for run in self.found.executions if run.piece == number]
        if not runs:
            return None
        return self.table(
            [dict(self.cells(run)) for run in runs], self.labels(runs), self.operations(runs[0])
        )

    def arguments(self) -> ObservedStatement | None:
        """What each call was given, where the function is the forward of a class."""
        if not self.found.function.is_forward:
            return None
        calls = dict.fromkeys(run.call for run in self.found.executions)
        blocks = [self.trace.blocks[call] for call in calls]
        given = [arguments(block, self.found.function) for block in blocks]
        cells = [{name: self.shapes.of(value) for name, value in one.items()} for one in given]
        return self.table(cells, [self.place(block) for block in blocks], ()) if cells else None

    def table(
        self,
        cells: Sequence[Cells],
        labels: Sequence[PlaceLinks],
        operations: Sequence[ObservedOperation],
    ) -> ObservedStatement:
        """One row for all the executions that saw the same; a single operation says nothing new."""
        columns = tuple(dict.fromkeys(name for one in cells for name in one))
        rows: dict[tuple[DualText, ...], list[PlaceLinks]] = {}
        for one, label in zip(cells, labels, strict=True):
            rows.setdefault(tuple(one.get(name, NO_TEXT) for name in columns), []).append(label)
        return ObservedStatement(
            columns=columns,
            rows=tuple(ObservedRow(shapes, tuple(calls)) for shapes, calls in rows.items()),
            times=len(labels),
            operations=tuple(operations) if len(operations) > 1 else (),
            operations_in=labels[0].text if len(labels) > 1 else "",
        )

    def cells(self, run: Execution) -> Iterator[tuple[str, DualText]]:
        """What an execution pushed and popped, then what it bound or returned."""
        for change in run.changes:
            word = self.words.push if change.kind == "push" else self.words.pop
            yield word.format(name=change.name), self.shapes.of(change.value)
            yield self.words.depth, once(str(change.depth))
        for name, value in run.names:
            yield self.words.returned if name == RETURN else name, self.shapes.of(value)

    def labels(self, runs: Sequence[Execution]) -> list[PlaceLinks]:
        """What each execution is called: by the call of the function, or the round of its loop."""
        if len(runs) == len({run.call for run in runs}):
            return [self.place(self.trace.blocks[run.call]) for run in runs]
        return [self.round(number, run) for number, run in enumerate(runs, 1)]

    def round(self, number: int, run: Execution) -> PlaceLinks:
        """A round of a loop, by the block that it called, or that made what it pushed."""
        inner = self.called(run)
        if inner:
            return self.place(inner[-1])
        maker = self.maker(run.changes[0].value) if run.changes else None
        return (
            self.place(maker) if maker else PlaceLinks(self.words.iteration.format(number=number))
        )

    def maker(self, value: Value) -> Block | None:
        """The outermost block below the model that put a tensor out."""
        inner = (block for block in self.trace.root.walk() if block is not self.trace.root)
        return next((block for block in inner if value in block.outputs), None)

    def place(self, block: Block) -> PlaceLinks:
        address = self.to.row(self.found.walk.trace, block.call) if self.has_table else None
        return PlaceLinks(block.call or self.trace.model, address)

    def called(self, run: Execution) -> list[Block]:
        """The blocks that an execution called itself, and that ran anything."""
        children = self.trace.blocks[run.call].children
        return [one for one in children if run.first <= one.first < one.last <= run.last]

    def operations(self, run: Execution) -> list[ObservedOperation]:
        """What an execution ran: each block that it called, and each operation of its own."""
        found: list[ObservedOperation] = []
        at = run.first
        for block in self.called(run):
            found += self.steps(at, block.first)
            shape = self.shapes.first_of(block.outputs)
            found.append(ObservedOperation(block.kind, shape, self.place(block)))
            at = block.last
        return [*found, *self.steps(at, run.last)]

    def steps(self, first: int, last: int) -> Iterator[ObservedOperation]:
        for step in self.trace.steps[first:last]:
            yield ObservedOperation(step.op, self.shapes.first_of(step.outputs))
