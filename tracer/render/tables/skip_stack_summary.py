"""The sentences below the table of the skip stack: how much, in what order, and what is unusual."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tracer.analysis.skip_stack import Ledger, LedgerEntry
from tracer.render import number_format
from tracer.render.number_format import CountedNoun


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipStackPhrases:
    """The sentences as templates, in English; the site has them in its other languages, too.

    `{lists}` are the names of lists. `{pushes:push}` is written as `1 push` or `18 pushes`,
    `{pushes}` as the number alone.
    """

    counts: str = "{lists}: {pushes:push}, {pops:pop}."
    counts_of_failed: str = "{lists}: {pushes:push}, {pops:pop} before the run failed."
    replacements: str = "{count:tensor} replaced by another."
    in_data_flow: str = "Data flow: {skips:skip}."
    dense: str = "Joined more than once: {names}."
    lifo: str = "Last in, first out."
    not_lifo: str = "Not last in, first out."
    nothing_left: str = "Nothing is left over."
    left_over: str = "Left over: {names}."
    still_on_list: str = "Still on the list: {names}."
    peak: str = "The most that is held at once is {held}, after {name}."
    agree: str = "The data flow agrees: {skips:skip}, between the same blocks."
    agree_except: str = "The data flow agrees on {agreeing} of {skips:skip}."
    no_list: str = "No list of tensors was observed."
    no_skip: str = "No tensor of the list is a skip in the data flow."
    list_alone: str = "A skip by the list, but not by the data flow alone: {names}."
    differs: str = "{name}: the list holds a tensor of {observed}; the data flow names {derived}."
    unjoined: str = "Popped, but in no skip: {names}."
    unseen: str = "A skip in the data flow, but on no list: {names}."
    changed: str = "Changed in place while on the stack: {names}."
    read: str = "Read from the list, and left on it: {names}."
    failed_join: str = "The join failed ({op} at {place}): {names}."
    failed_outside: str = "The run failed at {place}, in no join of these tensors."
    other_list: str = "Not counted: {name} of {function}, {pushes:push}, in no skip."
    unknown_line: str = "an unknown line"
    model_input: str = "input"
    the_model: str = "the model itself"
    none: str = "No skips found, neither on a list nor in the data flow."


ENGLISH = SkipStackPhrases()


def skip_stack_sentences(ledger: Ledger, phrases: SkipStackPhrases = ENGLISH) -> tuple[str, ...]:
    """Return the sentences below a ledger, the totals first and what is unusual last."""
    numbers = {id(entry): number for number, entry in enumerate(ledger.entries, 1)}
    return tuple(_Summary(ledger, phrases, numbers).sentences())


@dataclass(frozen=True, slots=True)
class _Summary:
    ledger: Ledger
    phrases: SkipStackPhrases
    numbers: Mapping[int, int]
    """The number of each entry in the table, by its id: entries may be equal."""

    def sentences(self) -> Iterator[str]:
        if self.ledger.entries:
            yield " ".join(self._totals())
            yield from self._peak()
            yield from self._named(self.phrases.dense, self._joined_more_than_once())
            yield from self._failure()
            yield from self._agreement()
            yield from self._hazards()
        else:
            yield self.phrases.none
        for other in self.ledger.others:
            yield self.phrases.other_list.format(
                name=other.name, function=other.function, pushes=CountedNoun(other.pushes)
            )

    def _totals(self) -> Iterator[str]:
        ledger, phrases = self.ledger, self.phrases
        popped = [entry for entry in ledger.entries if _is_popped(entry)]
        if ledger.observed:
            yield from self._counts(len(popped))
        else:
            yield phrases.in_data_flow.format(skips=CountedNoun(_skips(ledger.entries)))
        if ledger.failed:
            return
        if popped or not ledger.observed:
            yield phrases.lifo if ledger.last_in_first_out else phrases.not_lifo
        staying = [entry for entry in ledger.entries if entry.stays_on_list]
        left = self._names(entry for entry in ledger.leftovers if entry.taken != "read")
        if left:
            yield phrases.left_over.format(names=left)
        elif ledger.observed and not staying:
            yield phrases.nothing_left

    def _counts(self, pops: int) -> Iterator[str]:
        ledger, phrases = self.ledger, self.phrases
        replaced = sum(entry.taken == "replaced" for entry in ledger.entries)
        pushes = sum(entry.pushed.observed for entry in ledger.entries) - replaced
        template = phrases.counts_of_failed if ledger.failed else phrases.counts
        names = ", ".join(sorted({entry.stack for entry in ledger.entries if entry.stack}))
        yield template.format(lists=names, pushes=CountedNoun(pushes), pops=CountedNoun(pops))
        if replaced:
            yield phrases.replacements.format(count=CountedNoun(replaced))

    def _peak(self) -> Iterator[str]:
        peak = self.ledger.peak
        if peak and peak.byte_count:
            held = number_format.memory(peak.byte_count)
            yield self.phrases.peak.format(held=held, name=self._names([peak]))

    def _joined_more_than_once(self) -> Iterator[LedgerEntry]:
        return (entry for entry in self.ledger.entries if len(entry.joins) > 1)

    def _failure(self) -> Iterator[str]:
        """What was being joined when the model failed, and what was on the list then."""
        failed, phrases = self.ledger.failed, self.phrases
        if failed is None:
            return
        place = f"{failed.file}:{failed.line}" if failed.file else phrases.unknown_line
        names = self._names(entry for entry in self.ledger.entries if entry.taken == "failed")
        if names:
            yield phrases.failed_join.format(op=failed.op, place=place, names=names)
        else:
            yield phrases.failed_outside.format(place=place)
        staying = (entry for entry in self.ledger.entries if entry.stays_on_list)
        yield from self._named(phrases.still_on_list, staying)

    def _agreement(self) -> Iterator[str]:
        """Whether the list and the data flow agree, and where they do not."""
        ledger, phrases = self.ledger, self.phrases
        joined = [entry for entry in ledger.entries if entry.joins]
        alone = [entry for entry in joined if entry.shown_by_list_alone]
        if not ledger.observed:
            yield phrases.no_list
        elif not joined and not ledger.failed:
            yield phrases.no_skip
        elif not ledger.failed:
            yield from self._agreeing(joined)
        yield from self._named(phrases.list_alone, alone)
        for entry in ledger.disagreements:
            yield phrases.differs.format(
                name=self.numbers[id(entry)],
                observed=self._block(entry.pushed.block),
                derived=self._block(entry.joins[0].source),
            )
        if not ledger.failed and joined:
            yield from self._named(phrases.unjoined, ledger.unjoined)
        yield from self._named(phrases.unseen, ledger.unobserved)

    def _agreeing(self, joined: list[LedgerEntry]) -> Iterator[str]:
        """On how many skips the list and the data flow agree; nothing if on none."""
        skips = CountedNoun(_skips(joined))
        agreeing = [entry for entry in joined if entry.stack and _agrees(entry)]
        if len(agreeing) == len(joined):
            if not self.ledger.unjoined:
                yield self.phrases.agree.format(skips=skips)
        elif agreeing:
            yield self.phrases.agree_except.format(agreeing=_skips(agreeing), skips=skips)

    def _hazards(self) -> Iterator[str]:
        stacked = [entry for entry in self.ledger.entries if entry.stack]
        changed = [entry for entry in stacked if entry.changed]
        read = [entry for entry in stacked if entry.taken in {"read", "joined"}]
        yield from self._named(self.phrases.changed, changed)
        if not self.ledger.failed:
            yield from self._named(self.phrases.read, read)

    def _named(self, phrase: str, entries: Iterable[LedgerEntry]) -> Iterator[str]:
        """A sentence about some entries, if there are any."""
        names = self._names(entries)
        if names:
            yield phrase.format(names=names)

    def _names(self, entries: Iterable[LedgerEntry]) -> str:
        """`3 (down.0.downsample), 4 (mid.block)`: the numbers are those of the table."""
        return ", ".join(
            f"{self.numbers[id(entry)]} ({self._block(entry.pushed.block)})" for entry in entries
        )

    def _block(self, call: str | None) -> str:
        """A block in a sentence; None is an input of the model, and empty the model itself."""
        if call is None:
            return self.phrases.model_input
        return call or self.phrases.the_model


def _is_popped(entry: LedgerEntry) -> bool:
    """Whether a line was observed taking a tensor off its list for good."""
    moment = entry.popped
    return moment is not None and moment.observed and entry.taken == "popped"


def _skips(entries: Iterable[LedgerEntry]) -> int:
    """How many skips there are; a tensor that is joined more than once is several."""
    return sum(len(entry.joins) for entry in entries)


def _agrees(entry: LedgerEntry) -> bool:
    return not (entry.source_differs or entry.shown_by_list_alone)
