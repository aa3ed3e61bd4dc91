"""The table of the skip stack: each tensor on it, its push, its pop and its join."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tracer.analysis.skip_stack import Ledger, LedgerEntry, Moment
from tracer.record import Dim
from tracer.render import number_format
from tracer.render.formats.table import Column, ColumnRole, Narrowing, Table
from tracer.render.tables.block_rows import block_cell
from tracer.render.tables.join_text import channel_sums, join_kinds, short_join_kinds
from tracer.render.tables.skip_stack_summary import skip_stack_sentences
from tracer.render.tables.source_column import CodeLine, place_column

FROM_INPUT, LEFT_OVER, NO_JOIN = "(input)", "(left over)", "(no join)"
"""What stands in place of a block: the tensor comes from an input, or goes nowhere."""

FIRST_NARROWING = (
    Narrowing("pushed at", "shorten"),
    Narrowing("popped at", "shorten"),
    Narrowing("made at", "shorten"),
    Narrowing("joined at", "shorten"),
    Narrowing("depth", "drop"),
    Narrowing("join", "shorten"),
)
DROPPED_COLUMNS = Narrowing("join", "drop"), Narrowing("bytes held", "drop")
LAST_NARROWING = (
    Narrowing("h + skip = cat", "shorten"),
    Narrowing("line", "drop"),
    Narrowing("shape", "drop"),
)


def skip_stack_table(ledger: Ledger, notes: Sequence[str] = ()) -> Table:
    """Return the ledger as a table, in the order of the pushes.

    `depth` and `bytes held` are those after the push.

    Args:
        ledger: The ledger of a trace.
        notes: Sentences about the trace, which stand below the table.
    """
    columns = _columns(ledger)
    stacks = stack_names(ledger)
    if len(stacks) > 1:
        columns.insert(1, Column("list", tuple(entry.stack for entry in ledger.entries), "path"))
    return Table(
        title=f"Skip stack {', '.join(stacks)}" if stacks else "Skips",
        columns=tuple(columns),
        summary=(*skip_stack_sentences(ledger), *notes),
        narrowing=_narrowing(ledger),
    )


def stack_names(ledger: Ledger) -> list[str]:
    """The names of the lists on which tensors were observed."""
    return sorted({entry.stack for entry in ledger.entries if entry.stack})


def _narrowing(ledger: Ledger) -> tuple[Narrowing, ...]:
    """The joins go before the bytes where they say no more than the title of the last column."""
    kinds = {join_kinds(entry.joins) for entry in ledger.entries}
    dropped = DROPPED_COLUMNS if kinds <= {"", "cat"} else DROPPED_COLUMNS[::-1]
    return *FIRST_NARROWING, *dropped, *LAST_NARROWING


def _columns(ledger: Ledger) -> list[Column]:
    entries = ledger.entries
    first, last = ("pushed", "popped") if ledger.observed else ("made", "joined")

    def column(title: str, role: ColumnRole, cell: Callable[[LedgerEntry], str]) -> Column:
        return Column(title, tuple(map(cell, entries)), role)

    return [
        Column("#", tuple(str(number) for number in range(1, len(entries) + 1)), "number"),
        column(f"{first} by", "path", lambda entry: _source(entry.pushed)),
        place_column(f"{first} at", [_line(entry.pushed) for entry in entries]),
        column("shape", "shape", lambda entry: number_format.shape_of(entry.value)),
        column("depth", "number", lambda entry: str(entry.depth)),
        *_bytes_column(entries),
        column(f"{last} by", "path", lambda entry: _target(entry.popped)),
        place_column(f"{last} at", [_line(entry.popped) for entry in entries]),
        _join_column(entries),
        _channel_column(entries),
    ]


def _join_column(entries: Sequence[LedgerEntry]) -> Column:
    kinds = tuple(join_kinds(entry.joins) for entry in entries)
    return Column("join", kinds, short=tuple(short_join_kinds(entry.joins) for entry in entries))


def _channel_column(entries: Sequence[LedgerEntry]) -> Column:
    sums = tuple(channel_sums(entry.joins) for entry in entries)
    return Column("h + skip = cat", sums, short=tuple(text.replace(" ", "") for text in sums))


def _bytes_column(entries: Sequence[LedgerEntry]) -> Iterator[Column]:
    """The bytes on the stack, where they are known of every entry."""
    held = [entry.total_bytes for entry in entries if entry.total_bytes is not None]
    if len(held) == len(entries):
        exact = tuple(map(str, held))
        yield Column("bytes held", tuple(map(_bytes, held)), "number", exact=exact)


def _bytes(held: Dim) -> str:
    """`1.5 MiB`, or a formula of the number of bytes: `2,420·B·H·W`."""
    if isinstance(held, int):
        return number_format.memory(held)
    return number_format.grouped_formula(held)


def _source(pushed: Moment) -> str:
    """The block that made the tensor, or what else it came from."""
    return FROM_INPUT if pushed.block is None else block_cell(pushed.block)


def _target(popped: Moment | None) -> str:
    """The block that took the tensor; it may be left over, or popped and joined to nothing."""
    if popped is None:
        return LEFT_OVER
    return NO_JOIN if popped.block is None else block_cell(popped.block)


def _line(moment: Moment | None) -> CodeLine:
    return (moment.file, moment.line) if moment else (None, None)
