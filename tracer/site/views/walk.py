"""A walkthrough: the lines of a function beside their notes, and what a trace saw on each of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tracer.record import Block, Trace, Value
from tracer.render import figures
from tracer.site.addresses import Addresses
from tracer.site.content import Walkthrough
from tracer.site.executions import Execution, arguments
from tracer.site.functions import Piece
from tracer.site.highlight import highlighted
from tracer.site.listing import Row
from tracer.site.plan import Span
from tracer.site.views.places import Place, upstream_place
from tracer.site.words import Words

FEW = 3
"""So many different rows of a table stand open; more of them are folded."""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line of source, highlighted."""

    number: int
    code: Markup


@dataclass(frozen=True, slots=True)
class SeenRow:
    """What some executions had in common: the shapes, and the calls or rounds of the loop."""

    shapes: tuple[str, ...]
    calls: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """A tensor operation, or a whole block, that ran on a line, and the shape that it put out."""

    name: str
    shape: str
    block: Place | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What a trace saw of one piece: columns and rows, how many executions, and what ran."""

    columns: tuple[str, ...]
    rows: tuple[SeenRow, ...]
    times: int
    operations: tuple[Operation, ...]
    operations_in: str

    @property
    def is_folded(self) -> bool:
        return len(self.rows) > FEW

    @property
    def is_one(self) -> bool:
        """Whether every execution saw the same."""
        return len(self.rows) == 1


@dataclass(frozen=True, slots=True)
class PieceView:
    """A piece of the function: its lines, and what was seen; `silent` when nothing could be."""

    lines: tuple[SourceLine, ...]
    seen: Seen | None
    silent: bool


@dataclass(frozen=True, slots=True)
class RowView:
    """Pieces, and the note beside them."""

    pieces: tuple[PieceView, ...]
    anchor: str = ""
    note: str = ""
    upstream: Place | None = None


@dataclass(frozen=True, slots=True)
class WalkView:
    """A whole walkthrough."""

    title: str
    intro: str
    outro: str
    trace_said: str
    file: str
    upstream: Place
    rows: tuple[RowView, ...]


def walk_view(found: Walkthrough, to: Addresses, words: Words, language: str) -> WalkView:
    """The view of a walkthrough in one language."""
    maker = _Maker(found, to, words)
    notes, trace = found.notes, found.trace
    return WalkView(
        title=notes.title.of(language),
        intro=notes.intro.of(language),
        outro=notes.outro.of(language) if notes.outro else "",
        trace_said=words.shown_trace.format(trace=found.walk.trace, torch=trace.torch),
        file=found.function.file,
        upstream=maker.upstream(notes.upstream),
        rows=tuple(maker.row(row, language) for row in found.rows),
    )


class _Maker:
    """Makes the rows of one walkthrough."""

    def __init__(self, found: Walkthrough, to: Addresses, words: Words) -> None:
        self.found = found
        self.to = to
        self.words = words
        self.trace: Trace = found.trace
        self.code = highlighted(found.function.lines)
        self.calls = len({execution.call for execution in found.executions})

    def row(self, row: Row, language: str) -> RowView:
        pieces = tuple(self.piece(number) for number in row.pieces)
        if row.note is None:
            return RowView(pieces)
        upstream = self.upstream(row.note.upstream) if row.note.upstream else None
        return RowView(pieces, row.note.id, row.note.of(language), upstream)

    def upstream(self, span: Span) -> Place:
        return upstream_place(self.to.content.plan, span, self.words)

    def piece(self, number: int) -> PieceView:
        function = self.found.function
        piece = function.pieces[number]
        first = _without_blanks(function.text(piece.first, piece.last), piece.first)
        lines = tuple(
            SourceLine(at, self.code[at - function.first]) for at in range(first, piece.last + 1)
        )
        seen = self.seen(number, piece)
        return PieceView(lines, seen, silent=piece.kind == "statement" and seen is None)

    def seen(self, number: int, piece: Piece) -> Seen | None:
        if piece.kind == "signature":
            return self.signature()
        runs = [one for one in self.found.executions if one.piece == number]
        labels = self.labels(runs)
        columns = list(dict.fromkeys(name for run in runs for name, _ in self.cells(run)))
        table: dict[tuple[str, ...], list[Place]] = {}
        for run, label in zip(runs, labels, strict=True):
            cells = dict(self.cells(run))
            table.setdefault(tuple(cells.get(name, "") for name in columns), []).append(label)
        return self.table(columns, table, runs) if runs else None

    def signature(self) -> Seen | None:
        """The arguments of each call, where the function is the forward of a class."""
        blocks = [self.trace.blocks[call] for call in self.called()]
        given = [arguments(block, self.found.function) for block in blocks]
        columns = list(dict.fromkeys(name for one in given for name in one))
        table: dict[tuple[str, ...], list[Place]] = {}
        for block, one in zip(blocks, given, strict=True):
            shapes = tuple(figures.shape_of(one[n]) if n in one else "" for n in columns)
            table.setdefault(shapes, []).append(self.place(block))
        return self.table(columns, table, []) if columns else None

    def called(self) -> tuple[str, ...]:
        if not self.found.function.name.endswith(".forward"):
            return ()
        return tuple(dict.fromkeys(execution.call for execution in self.found.executions))

    def table(
        self,
        columns: Sequence[str],
        table: dict[tuple[str, ...], list[Place]],
        runs: Sequence[Execution],
    ) -> Seen:
        operations = tuple(self.operations(runs[0])) if runs else ()
        rows = tuple(SeenRow(shapes, tuple(calls)) for shapes, calls in table.items())
        times = sum(len(row.calls) for row in rows)
        first = rows[0].calls[0].text if rows and times > 1 else ""
        return Seen(
            columns=tuple(columns),
            rows=rows,
            times=times,
            operations=operations if len(operations) > 1 else (),
            operations_in=first,
        )

    def cells(self, run: Execution) -> Iterator[tuple[str, str]]:
        """What an execution did, by column: shapes of names, and of what was pushed or popped."""
        for change in run.changes:
            word = self.words.push if change.kind == "push" else self.words.pop
            yield word.format(name=change.name), figures.shape_of(change.value)
            yield self.words.depth, str(change.depth)
        for name, value in run.names:
            yield self.words.returned if name == "return" else name, figures.shape_of(value)

    def labels(self, runs: Sequence[Execution]) -> list[Place]:
        """What each execution is called: by the call of the function, or the round of its loop."""
        if len(runs) == len({run.call for run in runs}):
            return [self.place(self.trace.blocks[run.call]) for run in runs]
        return [self.round(number, run) for number, run in enumerate(runs, 1)]

    def round(self, number: int, run: Execution) -> Place:
        """A round of a loop, by the block that it called, or that made what it pushed."""
        inner = list(_called_in(self.trace.blocks[run.call], run))
        if inner:
            return self.place(inner[-1])
        maker = self.maker(run.changes[0].value) if run.changes else None
        return self.place(maker) if maker else Place(self.words.iteration.format(number=number))

    def maker(self, value: Value) -> Block | None:
        """The outermost block below the model that put a tensor out."""
        inner = (block for block in self.trace.root.walk() if block is not self.trace.root)
        return next((block for block in inner if value in block.outputs), None)

    def place(self, block: Block) -> Place:
        text = block.call or self.trace.model
        name = self.found.walk.trace
        shown = {traced.name for traced in self.to.content.plan.shown}
        return Place(text, self.to.row(name, block.call) if name in shown else None)

    def operations(self, run: Execution) -> Iterator[Operation]:
        """What an execution ran: each block that it called, and each operation of its own."""
        inner = list(_called_in(self.trace.blocks[run.call], run))
        at = run.first
        for block in inner:
            yield from self.steps(at, block.first)
            shape = figures.first_shape_of(block.outputs)
            yield Operation(block.kind, shape, self.place(block))
            at = block.last
        yield from self.steps(at, run.last)

    def steps(self, first: int, last: int) -> Iterator[Operation]:
        for step in self.trace.steps[first:last]:
            yield Operation(step.op, figures.first_shape_of(step.outputs))


def _called_in(block: Block, run: Execution) -> Iterator[Block]:
    """The blocks that an execution called itself, and that ran anything."""
    for child in block.children:
        if run.first <= child.first < child.last <= run.last:
            yield child


def _without_blanks(lines: tuple[str, ...], first: int) -> int:
    """The number of the first line that is not blank."""
    return first + next((n for n, text in enumerate(lines) if text.strip()), 0)
