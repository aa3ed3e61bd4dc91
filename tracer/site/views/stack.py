"""The ledger of the skips of one trace, as both witnesses tell it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath

from tracer.render import figures, joins
from tracer.site.addresses import Addresses
from tracer.site.views.places import Place
from tracer.site.words import Words
from tracer.stack_ledger import Entry, Ledger, Moment


@dataclass(frozen=True, slots=True)
class StackRow:
    """One tensor that waited. `share` is the part of the most bytes ever held, in percent."""

    number: int
    shape: str
    pushed_at: Place
    popped_at: Place
    depth: int
    held: str
    share: float
    source: Place
    target: Place
    sum: str
    steps: str


@dataclass(frozen=True, slots=True)
class StackView:
    """The rows, and sentences about them, under the name and the title of the trace."""

    name: str
    title: str
    lists: str
    rows: tuple[StackRow, ...]
    summary: tuple[str, ...]


def stack_view(ledger: Ledger, names: tuple[str, str], to: Addresses, words: Words) -> StackView:
    """The view of a ledger; `names` are the name of its trace on the site, and its title."""
    name, title = names
    places = _Places(name, to, words)
    most = (ledger.peak.held_bytes if ledger.peak else None) or 1
    return StackView(
        name=name,
        title=title,
        lists=", ".join(sorted({entry.stack for entry in ledger.entries if entry.stack})),
        rows=tuple(
            _row(number, entry, most, places) for number, entry in enumerate(ledger.entries, 1)
        ),
        summary=tuple(_summary(ledger, words)),
    )


@dataclass(frozen=True, slots=True)
class _Places:
    name: str
    to: Addresses
    words: Words

    def line(self, moment: Moment | None) -> Place:
        """The line that was seen to push or pop; none that was only inferred."""
        if moment is None or not moment.seen or not moment.file:
            return Place("")
        text = f"{PurePath(moment.file).name}:{moment.line}"
        return Place(text, self.to.line(moment.file, moment.line))

    def block(self, moment: Moment | None) -> Place:
        if moment is None or moment.block is None:
            return Place("")
        return Place(moment.block or self.words.nobody, self.to.row(self.name, moment.block))


def _row(number: int, entry: Entry, most: int, places: _Places) -> StackRow:
    return StackRow(
        number=number,
        shape=figures.shape_of(entry.value),
        pushed_at=places.line(entry.pushed),
        popped_at=places.line(entry.popped),
        depth=entry.depth,
        held="" if entry.held_bytes is None else figures.memory(entry.held_bytes),
        share=round(100 * (entry.held_bytes or 0) / most, 1),
        source=places.block(entry.pushed),
        target=places.block(entry.popped),
        sum=joins.channels_of(entry.joins),
        steps=", ".join(f"{link.pushed} → {link.popped}" for link in entry.joins),
    )


def _summary(ledger: Ledger, words: Words) -> Iterator[str]:
    pops = sum(entry.popped is not None and entry.popped.seen for entry in ledger.entries)
    yield words.pushes.format(pushes=sum(entry.pushed.seen for entry in ledger.entries), pops=pops)
    yield words.lifo if ledger.last_in_first_out else words.not_lifo
    left = _names(ledger, ledger.leftovers)
    yield words.left_over.format(names=left) if left else words.nothing_left
    if ledger.peak and ledger.peak.held_bytes:
        number = 1 + ledger.entries.index(ledger.peak)
        yield words.peak.format(held=figures.memory(ledger.peak.held_bytes), number=number)
    yield " ".join(_agreement(ledger, words))


def _agreement(ledger: Ledger, words: Words) -> Iterator[str]:
    if not ledger.unjoined and not ledger.unseen:
        yield words.agree.format(skips=sum(bool(entry.joins) for entry in ledger.entries))
        return
    yield words.disagree
    for phrase, entries in ((words.unjoined, ledger.unjoined), (words.unseen, ledger.unseen)):
        if entries:
            yield phrase.format(names=_names(ledger, entries))


def _names(ledger: Ledger, some: Iterable[Entry]) -> str:
    numbers = {id(entry): number for number, entry in enumerate(ledger.entries, 1)}
    return ", ".join(f"{numbers[id(entry)]} ({entry.pushed.block or '–'})" for entry in some)
