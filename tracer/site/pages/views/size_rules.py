"""The law of sizes of a model: what each size has to be, and which skip or operation says so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath

from tracer.analysis import shape_mismatch
from tracer.analysis.shape_mismatch import ShapeMismatch
from tracer.analysis.size_rules import Rule, SizeRules
from tracer.record import Trace
from tracer.render import number_format
from tracer.render.tables.size_rules import Reason, reasons_of
from tracer.site.content.model_results import ModelResults
from tracer.site.pages.urls import Addresses
from tracer.site.pages.urls import LinkedText as PlaceLinks
from tracer.site.pages.words import Words


@dataclass(frozen=True, slots=True)
class RuleRow:
    """What some sizes have to be, and at which ones the model was run."""

    names: str
    text: str
    worked: str
    failed: str
    path: str


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """An obstacle: the skip that no longer fits, from where to where, and where the sizes part."""

    at: str
    skip: PlaceLinks
    pushed_at: PlaceLinks
    shape: str
    target: PlaceLinks
    popped_at: PlaceLinks
    meet: str
    parted: PlaceLinks
    parted_at: PlaceLinks
    made: str


@dataclass(frozen=True, slots=True)
class OtherReason:
    """An obstacle that is no skip: what failed, and how."""

    at: str
    op: str
    block: PlaceLinks
    line: PlaceLinks
    error: str


@dataclass(frozen=True, slots=True)
class LawView:
    """The rules, and the obstacles that they come from."""

    rules: tuple[RuleRow, ...]
    reasons: tuple[ReasonRow, ...]
    others: tuple[OtherReason, ...]
    notes: tuple[str, ...]


def law_view(findings: ModelResults, name: str, to: Addresses, words: Words) -> LawView:
    """The view of the law of a model; `name` is that of its trace on the site."""
    maker = _Maker(findings.trace, name, to, words)
    reasons = list(reasons_of(findings.size_rules.rules))
    return LawView(
        rules=tuple(rule_rows(findings.size_rules, words)),
        reasons=tuple(maker.reason(one, one.clash) for one in reasons if one.clash and one.joins),
        others=tuple(maker.other(one) for one in reasons if not one.joins),
        notes=findings.size_rules.notes,
    )


def rule_rows(law: SizeRules, words: Words) -> Iterator[RuleRow]:
    """The rules, sizes that have the same one in the same row."""
    found: dict[RuleRow, list[str]] = {}
    for rule in law.rules:
        found.setdefault(_row(rule, words), []).append(rule.name)
    for row, names in found.items():
        yield replace(row, names=", ".join(names))


def _row(rule: Rule, words: Words) -> RuleRow:
    worked = (str(trial.size) for trial in rule.trials if trial.worked)
    failed = (str(trial.size) for trial in rule.trials if not trial.worked)
    return RuleRow(
        "", rule_text(rule, words), ", ".join(worked), ", ".join(failed), _detour(rule, words)
    )


def _detour(rule: Rule, words: Words) -> str:
    if rule.detour is None:
        return ""
    known = {"path": words.other_path, "rounds": words.rounded}
    return known[rule.detour.kind].format(size=rule.detour.size, told=rule.detour.told)


def rule_text(rule: Rule, words: Words) -> str:
    """What a size has to be: `multiples of 32, at least 32`."""
    text = ", ".join(_parts(rule, words))
    if rule.tied_to:
        text = words.tied.format(name=rule.tied_to, rule=text)
    if rule.exceptions and rule.multiple:
        text = words.also.format(rule=text, sizes=", ".join(map(str, rule.exceptions)))
    return text


def _parts(rule: Rule, words: Words) -> Iterator[str]:
    if rule.multiple == 0 or rule.minimum == rule.maximum:
        sizes = sorted({rule.given, *(() if rule.multiple else rule.exceptions)})
        yield words.only.format(size=", ".join(map(str, sizes)))
        return
    fits = _fits(rule, words)
    if fits:
        yield fits
    if rule.maximum is not None:
        yield words.bounds.format(minimum=rule.minimum, maximum=rule.maximum)
    elif rule.minimum > 1 or fits:
        yield words.at_least.format(minimum=rule.minimum)
    else:
        yield words.any_size


def _fits(rule: Rule, words: Words) -> str:
    """What a size has to be a multiple of, nothing where it may be anything."""
    if rule.multiple == 1:
        return ""
    rests = sorted((rule.remainder, *rule.also))
    if rests == [0]:
        return words.multiples.format(multiple=rule.multiple)
    return words.rests.format(multiple=rule.multiple, rests=", ".join(map(str, rests)))


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes rows whose places are links where the site shows them."""

    trace: Trace
    name: str
    to: Addresses
    words: Words

    def reason(self, reason: Reason, clash: ShapeMismatch) -> ReasonRow:
        parted = clash.rounding
        return ReasonRow(
            at=self.at(reason),
            skip=self.block(clash.pushed.block),
            pushed_at=self.line(clash.pushed),
            shape=number_format.shape_of(clash.skip),
            target=self.block(clash.into or clash.popped.block),
            popped_at=self.line(clash.popped),
            meet="{} ≠ {}".format(*clash.sizes),
            parted=self.block(parted.at.block) if parted else PlaceLinks(""),
            parted_at=self.line(parted.at) if parted else PlaceLinks(""),
            made=f"{parted.before} → {parted.after}" if parted else "",
        )

    def other(self, reason: Reason) -> OtherReason:
        cause = reason.cause
        return OtherReason(
            at=self.at(reason),
            op=cause.op or self.words.own_code,
            block=self.block(cause.at.block),
            line=self.line(cause.at),
            error=cause.error,
        )

    def at(self, reason: Reason) -> str:
        """`H, W = 33`."""
        return f"{', '.join(reason.names)} = {reason.cause.size}"

    def block(self, call: str) -> PlaceLinks:
        address = self.to.row(self.name, call) if call in self.trace.blocks else None
        return PlaceLinks(call or self.words.nobody, address)

    def line(self, place: shape_mismatch.StepLocation) -> PlaceLinks:
        if not place.file:
            return PlaceLinks("")
        text = f"{PurePath(place.file).name}:{place.line}"
        return PlaceLinks(text, self.to.line(place.file, place.line))
