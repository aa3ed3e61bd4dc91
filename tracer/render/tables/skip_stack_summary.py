"""The sentences below the table of the skip stack: how much, in what order, and what is unusual."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tracer.analysis.skip_stack import Ledger, LedgerEntry, Moment
from tracer.render import number_format
from tracer.render.number_format import CountedNoun


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipStackPhrases:
    """The sentences as templates, in English; the site has them in its other languages, too.

    `{pushes:push}` is written as `1 push` or `18 pushes`, `{pushes}` as the number alone.
    """

    counts: str = "{pushes:push}, {pops:pop}."
    in_data_flow: str = "{skips:skip} in the data flow."
    lifo: str = "Last in, first out."
    not_lifo: str = "Not last in, first out."
    nothing_left: str = "Nothing is left over."
    left_over: str = "Left over: {names}."
    peak: str = "The stack holds at most {held}, after push {name}."
    agree: str = "The data flow agrees: {skips:skip}, between the same blocks."
    no_list: str = "No list of tensors was observed."
    unjoined: str = "Popped, but joined by nothing in the data flow: {names}."
    unseen: str = "A skip in the data flow, but on no list: {names}."
    changed: str = "Changed in place while on the stack: {names}."
    read: str = "Read from the list, and left on it: {names}."
    other_list: str = "Not counted: {name} of {function}, {pushes:push}, in no skip."
    none: str = "No skips found, neither on a list nor in the data flow."


ENGLISH = SkipStackPhrases()


def skip_stack_sentences(ledger: Ledger, phrases: SkipStackPhrases = ENGLISH) -> tuple[str, ...]:
    """Return the sentences below a ledger, the totals first and what is unusual last."""
    return tuple(_Summary(ledger, phrases).sentences())


@dataclass(frozen=True, slots=True)
class _Summary:
    ledger: Ledger
    phrases: SkipStackPhrases

    def sentences(self) -> Iterator[str]:
        if self.ledger.entries:
            yield " ".join(self._totals())
            yield from self._peak()
            yield from self._agreement()
            yield from self._hazards()
        else:
            yield self.phrases.none
        for other in self.ledger.others:
            yield self.phrases.other_list.format(
                name=other.name, function=other.function, pushes=CountedNoun(other.pushes)
            )

    def _totals(self) -> Iterator[str]:
        entries, phrases = self.ledger.entries, self.phrases
        if self.ledger.observed:
            pushes = CountedNoun(sum(entry.pushed.observed for entry in entries))
            pops = CountedNoun(sum(_seen(entry.popped) for entry in entries))
            yield phrases.counts.format(pushes=pushes, pops=pops)
        else:
            yield phrases.in_data_flow.format(skips=CountedNoun(len(entries)))
        yield phrases.lifo if self.ledger.last_in_first_out else phrases.not_lifo
        left = self._names(self.ledger.leftovers)
        if left:
            yield phrases.left_over.format(names=left)
        elif self.ledger.observed:
            yield phrases.nothing_left

    def _peak(self) -> Iterator[str]:
        peak = self.ledger.peak
        if peak and peak.byte_count:
            held = number_format.memory(peak.byte_count)
            yield self.phrases.peak.format(held=held, name=self._names([peak]))

    def _agreement(self) -> Iterator[str]:
        """Whether the list and the data flow agree, and where they do not."""
        ledger, phrases = self.ledger, self.phrases
        if not ledger.observed:
            yield phrases.no_list
        elif not ledger.unjoined and not ledger.unobserved:
            joined = sum(bool(entry.joins) for entry in ledger.entries)
            yield phrases.agree.format(skips=CountedNoun(joined))
        yield from self._named(phrases.unjoined, ledger.unjoined)
        yield from self._named(phrases.unseen, ledger.unobserved)

    def _hazards(self) -> Iterator[str]:
        stacked = [entry for entry in self.ledger.entries if entry.stack]
        changed = [entry for entry in stacked if entry.changed]
        read = [entry for entry in stacked if entry.joins and not _seen(entry.popped)]
        yield from self._named(self.phrases.changed, changed)
        yield from self._named(self.phrases.read, read)

    def _named(self, phrase: str, entries: Iterable[LedgerEntry]) -> Iterator[str]:
        """A sentence about some entries, if there are any."""
        names = self._names(entries)
        if names:
            yield phrase.format(names=names)

    def _names(self, entries: Iterable[LedgerEntry]) -> str:
        """`3 (down.0.downsample), 4 (mid.block)`: the numbers are those of the table."""
        numbers = {id(entry): number for number, entry in enumerate(self.ledger.entries, 1)}
        return ", ".join(
            f"{numbers[id(entry)]} ({entry.pushed.block or 'input'})" for entry in entries
        )


def _seen(moment: Moment | None) -> bool:
    return moment is not None and moment.observed
