"""What a size has to be, in the language of a page; lock files and commands speak English only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tracer.analysis.size_rules import Rule, SizeRules
from tracer.render.korean_particles import fill
from tracer.snapshot.rule_text import remainder_ranges


@dataclass(frozen=True, slots=True)
class RulePhrases:
    """The parts of a rule in one language, with places for numbers and names."""

    multiples: str
    rests: str
    at_least: str
    bounds: str
    any_size: str
    only: str
    partial: str
    also: str
    tied: str


RULE_PHRASES = {
    "en": RulePhrases(
        multiples="multiples of {multiple}",
        rests="multiples of {multiple} plus {rests}",
        at_least="at least {minimum}",
        bounds="{minimum} to {maximum}",
        any_size="any size",
        only="only {size}",
        partial="{rule}, and perhaps others",
        also="{rule}; also {sizes}",
        tied="equal to {name}: {rule}",
    ),
    "ko": RulePhrases(
        multiples="{multiple}의 배수",
        rests="{multiple}의 배수 + {rests}",
        at_least="{minimum} 이상",
        bounds="{minimum} 이상 {maximum} 이하",
        any_size="제한 없음",
        only="{size}만 가능",
        partial="{rule}, 그 밖의 크기도 가능할 수 있음",
        also="{rule}, 그 밖에 {sizes}",
        tied="{name:과/와} 같은 값: {rule}",
    ),
}
"""The phrases of each language that pages are written in."""


def rules_in_words(rules: SizeRules, phrases: RulePhrases) -> str:
    """Return all rules in one line, sizes with the same rule together.

    >>> two = (Rule("H", 64, 8, 8), Rule("W", 64, 8, 8), Rule("B", 1, 1, 1))
    >>> rules_in_words(SizeRules("UNet", {}, two), RULE_PHRASES["en"])
    'H, W: multiples of 8, at least 8; B: any size'
    """
    found: dict[str, list[str]] = {}
    for rule in rules.rules:
        found.setdefault(rule_in_words(rule, phrases), []).append(rule.name)
    return "; ".join(f"{', '.join(names)}: {text}" for text, names in found.items())


def rule_in_words(rule: Rule, phrases: RulePhrases) -> str:
    """Return what a size has to be: `multiples of 32, at least 32`."""
    text = ", ".join(_parts(rule, phrases))
    if rule.tied_to:
        text = fill(phrases.tied, name=rule.tied_to, rule=text)
    if rule.exceptions and rule.multiple:
        text = phrases.also.format(rule=text, sizes=", ".join(map(str, rule.exceptions)))
    if rule.partial:
        text = phrases.partial.format(rule=text)
    return text


def _parts(rule: Rule, phrases: RulePhrases) -> Iterator[str]:
    if rule.multiple == 0 or rule.minimum == rule.maximum:
        sizes = sorted({rule.given, *(() if rule.multiple else rule.exceptions)})
        listed = ", ".join(map(str, sizes))
        yield listed if rule.partial else phrases.only.format(size=listed)
        return
    fits = _fits(rule, phrases)
    if fits:
        yield fits
    if rule.maximum is not None:
        yield phrases.bounds.format(minimum=rule.minimum, maximum=rule.maximum)
    elif rule.minimum > 1 or fits:
        yield phrases.at_least.format(minimum=rule.minimum)
    else:
        yield phrases.any_size


def _fits(rule: Rule, phrases: RulePhrases) -> str:
    """What a size has to be a multiple of; empty where it may be anything."""
    if rule.multiple == 1:
        return ""
    rests = sorted((rule.remainder, *rule.also))
    if rests == [0]:
        return phrases.multiples.format(multiple=rule.multiple)
    listed = ", ".join(remainder_ranges(rests, "–"))
    return phrases.rests.format(multiple=rule.multiple, rests=listed)
