"""The table of the skip stack: each tensor on it, its push, its pop and its join."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from tracer.analysis.skip_stack import Ledger, LedgerEntry, Moment
from tracer.record import Dim, Trace
from tracer.render import number_format
from tracer.render.formats.table import Column, ColumnRole, Narrowing, Table
from tracer.render.tables.block_rows import block_cell
from tracer.render.tables.join_text import (
    channel_sums,
    join_kinds,
    short_join_kinds,
    skip_comes_first,
)
from tracer.render.tables.path_filters import matches_any, require_matches
from tracer.render.tables.skip_stack_summary import skip_stack_sentences
from tracer.render.tables.source_column import CodeLine, place_column

FROM_INPUT, ON_NO_LIST = "(input)", "(no list)"
"""What stands in place of a block, and of a list, where there is none."""

NO_SKIP, LEFT_OVER, REPLACED = "(no skip)", "(left over)", "(replaced)"
JOIN_FAILED, NOT_REACHED = "(join failed)", "(not reached)"
WITHOUT_JOIN = {
    "popped": NO_SKIP,
    "joined": NO_SKIP,
    "read": NO_SKIP,
    "replaced": REPLACED,
    "failed": JOIN_FAILED,
    "left": LEFT_OVER,
}
"""What stands in place of the block that joins a tensor, where none does."""

IN_MAIN_ORDER, SKIP_FIRST, IN_CODE_ORDER = "h + skip = cat", "skip + h = cat", "operands = cat"
"""The titles of the last column: the code names the main path first, the skip, or now this one."""

FIRST_NARROWING = (
    Narrowing("pushed at", "shorten"),
    Narrowing("popped at", "shorten"),
    Narrowing("read at", "shorten"),
    Narrowing("taken at", "shorten"),
    Narrowing("made at", "shorten"),
    Narrowing("joined at", "shorten"),
    Narrowing("depth", "drop"),
    Narrowing("join", "shorten"),
)
DROPPED_COLUMNS = Narrowing("join", "drop"), Narrowing("bytes held", "drop")
LAST_NARROWING = (
    Narrowing(IN_MAIN_ORDER, "shorten"),
    Narrowing(SKIP_FIRST, "shorten"),
    Narrowing(IN_CODE_ORDER, "shorten"),
    Narrowing("line", "drop"),
    Narrowing("shape", "drop"),
)


def skip_stack_table(
    ledger: Ledger, notes: Sequence[str] = (), numbers: Sequence[int] | None = None
) -> Table:
    """Return the ledger as a table, in the order of the pushes.

    `depth` and `bytes held` are those after the push.

    Args:
        ledger: The ledger of a trace.
        notes: Sentences about the trace, which stand below the table.
        numbers: The indices of the entries to list; None lists all. The sentences below the table
            are about all.
    """
    listed = range(len(ledger.entries)) if numbers is None else numbers
    entries = tuple(ledger.entries[number] for number in listed)
    columns = _columns(replace(ledger, entries=entries), listed)
    stacks = stack_names(ledger)
    names = tuple(entry.stack or ON_NO_LIST for entry in entries)
    hidden = len(ledger.entries) - len(entries)
    selection = (f"Listed: {len(entries)} of {len(ledger.entries)} tensors.",) if hidden else ()
    if stacks and len({*names}) > 1:
        columns.insert(1, Column("list", names, "path"))
    return Table(
        title=f"Skip stack {', '.join(stacks)}" if stacks else "Skips",
        columns=tuple(columns),
        summary=(*selection, *skip_stack_sentences(ledger), *notes),
        narrowing=_narrowing(ledger),
    )


def entries_of(ledger: Ledger, trace: Trace, paths: Sequence[str]) -> tuple[int, ...]:
    """Return the indices of the entries that blocks push, pop or join.

    Args:
        ledger: The ledger of `trace`.
        trace: The trace.
        paths: Patterns of blocks; without any, all entries.

    Raises:
        TraceError: A pattern matches no block.
    """
    require_matches(paths, trace.blocks, trace)
    numbered = enumerate(ledger.entries)
    return tuple(number for number, one in numbered if not paths or _is_of(one, paths))


def _is_of(entry: LedgerEntry, paths: Sequence[str]) -> bool:
    moments = (one.block for one in (entry.pushed, entry.popped) if one is not None)
    calls = (*moments, *(link.target for link in entry.joins))
    return any(matches_any(call, paths) for call in calls if call is not None)


def stack_names(ledger: Ledger) -> list[str]:
    """The names of the lists on which tensors were observed."""
    return sorted({entry.stack for entry in ledger.entries if entry.stack})


def _narrowing(ledger: Ledger) -> tuple[Narrowing, ...]:
    """The joins go before the bytes where they say no more than the title of the last column."""
    kinds = {join_kinds(entry.joins) for entry in ledger.entries}
    dropped = DROPPED_COLUMNS if kinds <= {"", "cat"} else DROPPED_COLUMNS[::-1]
    return *FIRST_NARROWING, *dropped, *LAST_NARROWING


def _columns(ledger: Ledger, numbers: Sequence[int]) -> list[Column]:
    entries, observed = ledger.entries, ledger.observed
    first, last = event_titles(ledger)

    def column(title: str, role: ColumnRole, cell: Callable[[LedgerEntry], str]) -> Column:
        return Column(title, tuple(map(cell, entries)), role)

    return [
        Column("#", tuple(str(number + 1) for number in numbers), "number"),
        column(f"{first} by", "path", lambda entry: _source(entry.pushed)),
        place_column(f"{first} at", [_line(entry.pushed) for entry in entries]),
        column("shape", "shape", lambda entry: number_format.shape_of(entry.value)),
        column("depth", "number", lambda entry: _depth(entry, observed)),
        *_bytes_column(entries),
        column(f"{last} by", "path", lambda entry: _target(entry, ledger)),
        place_column(f"{last} at", [_line(entry.popped) for entry in entries]),
        _join_column(entries),
        _channel_column(entries),
    ]


def _depth(entry: LedgerEntry, observed: bool) -> str:
    """The depth of its list; where lists were observed, what is on none has no depth."""
    return str(entry.depth) if entry.stack or not observed else ""


def _join_column(entries: Sequence[LedgerEntry]) -> Column:
    kinds = tuple(join_kinds(entry.joins) for entry in entries)
    return Column("join", kinds, short=tuple(short_join_kinds(entry.joins) for entry in entries))


def event_titles(ledger: Ledger) -> tuple[str, str]:
    """Return the first words of the titles for where tensors come from, and where they go.

    A list that is only read has no pops.
    """
    if not ledger.observed:
        return "made", "joined"
    taken = {entry.taken for entry in ledger.entries} & {"popped", "read"}
    return "pushed", {"popped": "popped", "read": "read"}.get("".join(taken), "taken")


def _channel_column(entries: Sequence[LedgerEntry]) -> Column:
    """The channels of the operands in the order of the code, which the title names."""
    orders = {skip_comes_first(link) for entry in entries for link in entry.joins}
    title = {(): IN_MAIN_ORDER, (False,): IN_MAIN_ORDER, (True,): SKIP_FIRST}.get(tuple(orders))
    sums = tuple(channel_sums(entry.joins, labeled=title is None) for entry in entries)
    short = tuple(text.replace(" ", "") for text in sums)
    return Column(title or IN_CODE_ORDER, sums, short=short)


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


def _target(entry: LedgerEntry, ledger: Ledger) -> str:
    """The block that took the tensor; it may be left over, or taken and joined to nothing.

    Where no list was observed, it is every block that joined the tensor.
    """
    targets = dict.fromkeys(link.target for link in entry.joins)
    if entry.taken == "joined" and len(targets) > 1:
        return "; ".join(map(block_cell, targets))
    if entry.popped is not None and entry.popped.block is not None:
        return block_cell(entry.popped.block)
    if ledger.failed is not None and entry.taken in {"left", "popped"}:
        return NOT_REACHED
    is_left = entry.popped is None and entry.taken == "popped"
    return LEFT_OVER if is_left else WITHOUT_JOIN[entry.taken]


def _line(moment: Moment | None) -> CodeLine:
    return (moment.file, moment.line) if moment else (None, None)
