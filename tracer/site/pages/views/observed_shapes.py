"""The shapes that a trace recorded of each statement: by call, or by iteration of a loop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tracer.record import Block, Trace, Value
from tracer.site.content.dual_text import DualText
from tracer.site.content.executions import RETURN, Execution, arguments
from tracer.site.content.site_content import Walkthrough
from tracer.site.pages.urls import Addresses, LinkedText
from tracer.site.pages.words import Words

Cells = dict[str, DualText]
"""The shapes of one execution, by column."""
EMPTY_CELL = DualText("", "")


@dataclass(frozen=True, slots=True)
class ObservedRow:
    """Shapes, and the calls or iterations in which they were recorded."""

    shapes: tuple[DualText, ...]
    calls: tuple[LinkedText, ...]


@dataclass(frozen=True, slots=True)
class ObservedOperation:
    """A tensor operation, or a whole block, that a line ran, and its output shape."""

    name: str
    shape: DualText
    block: LinkedText | None = None


@dataclass(frozen=True, slots=True)
class ObservedStatement:
    """What was recorded of one statement.

    Attributes:
        columns: The names of local variables, pushes, pops and the return value.
        rows: The different shapes.
        times: The number of executions.
        operations: What the first execution ran.
        operations_in: The name of the first execution; empty if there is only one.
        lines: Its first and last line; None for the arguments of calls.
    """

    columns: tuple[str, ...]
    rows: tuple[ObservedRow, ...]
    times: int
    operations: tuple[ObservedOperation, ...] = ()
    operations_in: str = ""
    lines: tuple[int, int] | None = None

    @property
    def is_constant(self) -> bool:
        """Whether every execution had the same shapes."""
        return len(self.rows) == 1


class StatementObserver:
    """Looks up what was recorded of the statements of one walkthrough."""

    def __init__(self, walkthrough: Walkthrough, urls: Addresses, words: Words) -> None:
        self.walkthrough = walkthrough
        self.function = walkthrough.function
        self.trace: Trace = walkthrough.results.trace
        self.shapes = walkthrough.results.shapes
        self.urls = urls
        self.words = words
        shown = {model.name for model in urls.content.config.shown}
        self.has_table = walkthrough.walk.trace in shown

    def observed(self, number: int) -> ObservedStatement | None:
        """What was recorded of a statement, by its number; None if nothing was."""
        if self.function.statements[number].kind == "signature":
            return self.arguments()
        runs = [run for run in self.walkthrough.executions if run.statement == number]
        if not runs:
            return None
        cells = [dict(self.cells(run)) for run in runs]
        statement = self.function.statements[number]
        found = self.table(cells, self.labels(runs), self.operations(runs[0]))
        return replace(found, lines=(statement.start, statement.last))

    def arguments(self) -> ObservedStatement | None:
        """The arguments of each call, if the function is the forward of a class."""
        if not self.function.is_forward:
            return None
        calls = dict.fromkeys(run.call for run in self.walkthrough.executions)
        blocks = [self.trace.blocks[call] for call in calls]
        given = [arguments(block, self.function) for block in blocks]
        cells = [{name: self.shapes.of(value) for name, value in each.items()} for each in given]
        return self.table(cells, [self.link(block) for block in blocks], ()) if cells else None

    def table(
        self,
        cells: Sequence[Cells],
        labels: Sequence[LinkedText],
        operations: Sequence[ObservedOperation],
    ) -> ObservedStatement:
        """One row per combination of shapes; a single operation is left out."""
        columns = tuple(dict.fromkeys(name for each in cells for name in each))
        rows: dict[tuple[DualText, ...], list[LinkedText]] = {}
        for each, label in zip(cells, labels, strict=True):
            rows.setdefault(tuple(each.get(name, EMPTY_CELL) for name in columns), []).append(label)
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
            column = self.words.push if change.kind == "push" else self.words.pop
            yield column.format(name=change.name), self.shapes.of(change.value)
            depth = str(change.depth)
            yield self.words.depth, DualText(depth, depth)
        for name, value in run.names:
            yield self.words.returned if name == RETURN else name, self.shapes.of(value)

    def labels(self, runs: Sequence[Execution]) -> list[LinkedText]:
        """The names of executions: the call of the function, or the iteration of its loop."""
        if len(runs) == len({run.call for run in runs}):
            return [self.link(self.trace.blocks[run.call]) for run in runs]
        return [self.iteration(number, run) for number, run in enumerate(runs, 1)]

    def iteration(self, number: int, run: Execution) -> LinkedText:
        """An iteration, named by the block that it called or whose output it pushed."""
        inner = self.called(run)
        if inner:
            return self.link(inner[-1])
        producer = self.producer(run.changes[0].value) if run.changes else None
        if producer:
            return self.link(producer)
        return LinkedText(self.words.iteration.format(number=number))

    def producer(self, value: Value) -> Block | None:
        """The outermost block below the model that returned a tensor."""
        inner = (block for block in self.trace.root.walk() if block is not self.trace.root)
        return next((block for block in inner if value in block.outputs), None)

    def link(self, block: Block) -> LinkedText:
        trace_name = self.walkthrough.walk.trace
        address = self.urls.row(trace_name, block.call) if self.has_table else None
        return LinkedText(block.call or self.trace.model, address)

    def called(self, run: Execution) -> list[Block]:
        """The blocks that an execution called itself and that ran a step."""
        children = self.trace.blocks[run.call].children
        return [block for block in children if run.first <= block.first < block.last <= run.last]

    def operations(self, run: Execution) -> list[ObservedOperation]:
        """What an execution ran: each block that it called, and each operation of its own."""
        operations: list[ObservedOperation] = []
        at = run.first
        for block in self.called(run):
            operations += self.steps(at, block.first)
            shape = self.shapes.first_of(block.outputs)
            operations.append(ObservedOperation(block.kind, shape, self.link(block)))
            at = block.last
        return [*operations, *self.steps(at, run.last)]

    def steps(self, first: int, last: int) -> Iterator[ObservedOperation]:
        for step in self.trace.steps[first:last]:
            yield ObservedOperation(step.op, self.shapes.first_of(step.outputs))
