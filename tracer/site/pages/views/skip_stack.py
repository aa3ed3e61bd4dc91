"""The ledger of the skips of one trace, as both witnesses tell it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePath

from tracer.analysis.stack import Ledger, LedgerEntry, Moment
from tracer.record import Dim
from tracer.render import number_format
from tracer.render.tables import joins
from tracer.site.content.dual_text import DualText, both
from tracer.site.content.model_results import ModelResults
from tracer.site.pages.urls import Addresses
from tracer.site.pages.urls import LinkedText as PlaceLinks
from tracer.site.pages.words import Words


@dataclass(frozen=True, slots=True)
class StackRow:
    """One tensor that waited. `share` is the part of the most bytes ever held, in percent."""

    number: int
    shape: DualText
    pushed_at: PlaceLinks
    popped_at: PlaceLinks
    depth: int
    held: DualText
    share: float
    source: PlaceLinks
    target: PlaceLinks
    sum: DualText
    steps: str


@dataclass(frozen=True, slots=True)
class StackView:
    """The rows, and sentences about them, under the name and the title of the trace."""

    name: str
    title: str
    run: str
    lists: str
    rows: tuple[StackRow, ...]
    summary: tuple[str, ...]


def stack_view(
    findings: ModelResults, names: tuple[str, str], to: Addresses, words: Words
) -> StackView:
    """The view of a ledger; `names` are the name of its trace on the site, and its title."""
    name, title = names
    ledger, formulas = findings.ledger, findings.symbolic_ledger
    places = _Places(name, to, words)
    most = (ledger.peak.held_bytes if ledger.peak else None) or 1
    return StackView(
        name=name,
        title=title,
        run=findings.run,
        lists=", ".join(sorted({entry.stack for entry in ledger.entries if entry.stack})),
        rows=tuple(
            _row(number, pair, most, places)
            for number, pair in enumerate(zip(ledger.entries, formulas.entries, strict=True), 1)
        ),
        summary=tuple(_summary(ledger, words)),
    )


@dataclass(frozen=True, slots=True)
class _Places:
    name: str
    to: Addresses
    words: Words

    def line(self, moment: Moment | None) -> PlaceLinks:
        """The line that was seen to push or pop; none that was only inferred."""
        if moment is None or not moment.seen or not moment.file:
            return PlaceLinks("")
        text = f"{PurePath(moment.file).name}:{moment.line}"
        return PlaceLinks(text, self.to.line(moment.file, moment.line))

    def block(self, moment: Moment | None) -> PlaceLinks:
        if moment is None or moment.block is None:
            return PlaceLinks("")
        return PlaceLinks(moment.block or self.words.nobody, self.to.row(self.name, moment.block))


def _row(
    number: int, pair: tuple[LedgerEntry, LedgerEntry], most: int, places: _Places
) -> StackRow:
    entry, formulas = pair
    return StackRow(
        number=number,
        shape=DualText(number_format.shape_of(entry.value), number_format.shape_of(formulas.value)),
        pushed_at=places.line(entry.pushed),
        popped_at=places.line(entry.popped),
        depth=entry.depth,
        held=both(_held, entry.held or 0, formulas.held or 0),
        share=round(100 * (entry.held_bytes or 0) / most, 1),
        source=places.block(entry.pushed),
        target=places.block(entry.popped),
        sum=DualText(joins.channels_of(entry.joins), joins.channels_of(formulas.joins)),
        steps=", ".join(f"{link.pushed} → {link.popped}" for link in entry.joins),
    )


def _held(size: Dim) -> str:
    """Bytes as memory is told, or as a formula; nothing where they are not known."""
    if not size:
        return ""
    return (
        number_format.memory(size) if isinstance(size, int) else number_format.grouped_formula(size)
    )


def _summary(ledger: Ledger, words: Words) -> Iterator[str]:
    pops = sum(entry.popped is not None and entry.popped.seen for entry in ledger.entries)
    yield words.pushes.format(pushes=sum(entry.pushed.seen for entry in ledger.entries), pops=pops)
    yield words.lifo if ledger.last_in_first_out else words.not_lifo
    left = _names(ledger, ledger.leftovers)
    yield words.left_over.format(names=left) if left else words.nothing_left
    if ledger.peak and ledger.peak.held_bytes:
        number = 1 + ledger.entries.index(ledger.peak)
        yield words.peak.format(held=number_format.memory(ledger.peak.held_bytes), number=number)
    yield " ".join(_agreement(ledger, words))


def _agreement(ledger: Ledger, words: Words) -> Iterator[str]:
    if not ledger.unjoined and not ledger.unseen:
        yield words.agree.format(skips=sum(bool(entry.joins) for entry in ledger.entries))
        return
    yield words.disagree
    for phrase, entries in ((words.unjoined, ledger.unjoined), (words.unseen, ledger.unseen)):
        if entries:
            yield phrase.format(names=_names(ledger, entries))


def _names(ledger: Ledger, some: Iterable[LedgerEntry]) -> str:
    numbers = {id(entry): number for number, entry in enumerate(ledger.entries, 1)}
    return ", ".join(f"{numbers[id(entry)]} ({entry.pushed.block or '–'})" for entry in some)
