"""The table of the skip ledger: each tensor that waited, with both its lines and its join."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tracer.analysis.stack import Ledger, LedgerEntry, Moment
from tracer.record import Dim
from tracer.render import number_format
from tracer.render.formats.table import Column, ColumnRole, Narrowing, Table
from tracer.render.tables import joins
from tracer.render.tables.skip_stack_summary import verdict
from tracer.render.tables.source_column import CodeLine, place_column

FIRST = (
    Narrowing("pushed at", "shorten"),
    Narrowing("popped at", "shorten"),
    Narrowing("made at", "shorten"),
    Narrowing("joined at", "shorten"),
    Narrowing("depth", "drop"),
    Narrowing("join", "shorten"),
)
MIDDLE = Narrowing("join", "drop"), Narrowing("bytes held", "drop")
LAST = (
    Narrowing("h + skip = cat", "shorten"),
    Narrowing("line", "drop"),
    Narrowing("shape", "drop"),
)


def stack_table(ledger: Ledger, notes: Sequence[str] = ()) -> Table:
    """The ledger in the order of the pushes. `depth` and `bytes held` are those after the push.

    `notes` are sentences about the trace, which stand below.
    """
    stacks = sorted({entry.stack for entry in ledger.entries if entry.stack})
    columns = _columns(ledger)
    if len(stacks) > 1:
        columns.insert(1, Column("list", tuple(entry.stack for entry in ledger.entries), "path"))
    return Table(
        title=f"Skip stack {', '.join(stacks)}" if stacks else "Skips",
        columns=tuple(columns),
        summary=(*verdict(ledger), *notes),
        narrowing=_narrowing(ledger),
    )


def _narrowing(ledger: Ledger) -> tuple[Narrowing, ...]:
    """The bytes go after the joins where these say no more than the title of the last column."""
    kinds = {joins.kind_of(entry.joins) for entry in ledger.entries}
    middle = MIDDLE if kinds <= {"", "cat"} else MIDDLE[::-1]
    return *FIRST, *middle, *LAST


def _columns(ledger: Ledger) -> list[Column]:
    entries = ledger.entries
    come, go = ("pushed", "popped") if ledger.observed else ("made", "joined")

    def column(title: str, role: ColumnRole, cell: Callable[[LedgerEntry], str]) -> Column:
        return Column(title, tuple(map(cell, entries)), role)

    return [
        Column("#", tuple(str(number) for number in range(1, len(entries) + 1)), "number"),
        column(f"{come} by", "path", lambda entry: _maker(entry.pushed)),
        place_column(f"{come} at", [_place(entry.pushed) for entry in entries]),
        column("shape", "shape", lambda entry: number_format.shape_of(entry.value)),
        column("depth", "number", lambda entry: str(entry.depth)),
        *_held(entries),
        column(f"{go} by", "path", lambda entry: _taker(entry.popped)),
        place_column(f"{go} at", [_place(entry.popped) for entry in entries]),
        _joins(entries),
        _channels(entries),
    ]


def _joins(entries: Sequence[LedgerEntry]) -> Column:
    whole = tuple(joins.kind_of(entry.joins) for entry in entries)
    return Column("join", whole, short=tuple(joins.short_kind_of(entry.joins) for entry in entries))


def _channels(entries: Sequence[LedgerEntry]) -> Column:
    sums = tuple(joins.channels_of(entry.joins) for entry in entries)
    return Column("h + skip = cat", sums, short=tuple(text.replace(" ", "") for text in sums))


def _held(entries: Sequence[LedgerEntry]) -> Iterator[Column]:
    """The bytes, where they are known."""
    known = [entry.total_bytes for entry in entries if entry.total_bytes is not None]
    if len(known) == len(entries):
        exact = tuple(map(str, known))
        yield Column("bytes held", tuple(map(_bytes, known)), "number", exact=exact)


def _bytes(held: Dim) -> str:
    return (
        number_format.memory(held) if isinstance(held, int) else number_format.rounded_formula(held)
    )


def _maker(moment: Moment) -> str:
    """The block that put the tensor aside, or what else it came from."""
    return "(input)" if moment.block is None else moment.block or "(the model)"


def _taker(moment: Moment | None) -> str:
    """The block that took it back; a tensor may be left over, or taken back and thrown away."""
    if moment is None:
        return "(left over)"
    return "(no join)" if moment.block is None else moment.block or "(the model)"


def _place(moment: Moment | None) -> CodeLine:
    return (moment.file, moment.line) if moment else (None, None)
