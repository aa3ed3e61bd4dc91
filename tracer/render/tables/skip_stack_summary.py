"""What a skip ledger amounts to, in sentences: how much, in what order, and what is odd."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tracer.analysis.stack import Ledger, LedgerEntry, Moment
from tracer.render import number_format

NO_SKIPS = "No skips: no list was popped, and no join takes a tensor from before another block."


def verdict(ledger: Ledger) -> tuple[str, ...]:
    """The sentences below a ledger, the sums first and the oddities last."""
    if not ledger.entries:
        return (NO_SKIPS, *_odd_lists(ledger))
    said = (_sum(ledger), *_peak(ledger), *_agreement(ledger), *_hazards(ledger))
    return (*said, *_odd_lists(ledger))


def _sum(ledger: Ledger) -> str:
    """`18 pushes, 18 pops, last in, first out, nothing left over.`"""
    order = "last in, first out" if ledger.last_in_first_out else "not last in, first out"
    if not ledger.observed:
        return f"{number_format.plural(len(ledger.entries), 'skip')} in the data flow, {order}."
    pushes = sum(entry.pushed.observed for entry in ledger.entries)
    pops = sum(_seen(entry.popped) for entry in ledger.entries)
    left = _named(ledger, ledger.leftovers)
    rest = f"left over: {left}" if left else "nothing left over"
    counts = f"{number_format.plural(pushes, 'push')}, {number_format.plural(pops, 'pop')}"
    return f"{counts}, {order}, {rest}."


def _peak(ledger: Ledger) -> Iterator[str]:
    if ledger.peak and ledger.peak.byte_count:
        held = number_format.memory(ledger.peak.byte_count)
        yield f"At most {held} wait, after push {_named(ledger, [ledger.peak])}."


def _agreement(ledger: Ledger) -> Iterator[str]:
    """Whether the list and the data flow tell the same, and where they do not."""
    if not ledger.observed:
        yield "No list of tensors was seen."
    elif not ledger.unjoined and not ledger.unobserved:
        joined = sum(bool(entry.joins) for entry in ledger.entries)
        skips = number_format.plural(joined, "skip")
        yield f"The data flow agrees: {skips}, between the same blocks."
    if ledger.unjoined:
        yield f"Popped, but joined by nothing in the data flow: {_named(ledger, ledger.unjoined)}."
    if ledger.unobserved:
        yield f"A skip in the data flow, but on no list: {_named(ledger, ledger.unobserved)}."


def _hazards(ledger: Ledger) -> Iterator[str]:
    stacked = [entry for entry in ledger.entries if entry.stack]
    changed = [entry for entry in stacked if entry.changed]
    read = [entry for entry in stacked if entry.joins and not _seen(entry.popped)]
    if changed:
        yield f"Changed in place while waiting: {_named(ledger, changed)}."
    if read:
        yield f"Read from the list, and left on it: {_named(ledger, read)}."


def _odd_lists(ledger: Ledger) -> Iterator[str]:
    for other in ledger.others:
        pushes = number_format.plural(other.pushes, "push")
        yield f"Not counted: {other.name} of {other.function}, {pushes}, in no skip."


def _named(ledger: Ledger, some: Iterable[LedgerEntry]) -> str:
    """`3 (down.0.downsample), 4 (mid.block)`: the numbers are those of the table."""
    numbers = {id(entry): number for number, entry in enumerate(ledger.entries, 1)}
    return ", ".join(f"{numbers[id(entry)]} ({entry.pushed.block or 'input'})" for entry in some)


def _seen(moment: Moment | None) -> bool:
    return moment is not None and moment.observed
