"""What a size has to be as one line of text, and back.

multiples of 4, and 0 or 3 more, at least 3; also 1
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from tracer.analysis.size_rules import Rule

ANY_SIZE = "any"
NUMBERS = r"\d+(?:, \d+)*(?: (?:or|and) \d+)?"
FITS = rf"multiples of (?P<multiple>\d+)(?:, and (?P<rests>{NUMBERS}) more)?"
BOUNDS = r"at least (?P<least>\d+)|(?P<low>\d+) to (?P<high>\d+)"
RULE_PATTERN = re.compile(
    r"(?:equal to (?P<tied>\w+), )?"
    rf"(?:(?P<only>{NUMBERS}) only|{ANY_SIZE}|(?:{FITS}, )?(?:{BOUNDS}))"
    rf"(?:; also (?P<also>{NUMBERS}))?"
)


def rule_text(rule: Rule) -> str:
    """`multiples of 32, at least 32`, `any`, `16 to 19`, `32 only`."""
    text = "; ".join(_parts(rule))
    return f"equal to {rule.tied_to}, {text}" if rule.tied_to else text


def rule_of(name: str, text: str) -> Rule | None:
    """The rule of that name that a line tells of; None where the line does not.

    Its `given` is the least size that it allows, for a line does not say which one was given.
    """
    found = RULE_PATTERN.fullmatch(text)
    if found is None:
        return None
    only = sorted(_numbers(found["only"] or ""))
    least = only[0] if only else int(found["least"] or found["low"] or 1)
    largest = only[0] if only else found["high"]
    multiple = 0 if found["only"] else int(found["multiple"] or 1)
    rule = Rule(
        name=name,
        given=least,
        multiple=multiple,
        minimum=least,
        maximum=int(largest) if largest else None,
        also=tuple(_numbers(found["rests"] or "0", least % multiple)) if multiple else (),
        exceptions=(*only[1:], *_numbers(found["also"] or "")),
        tied_to=found["tied"],
    )
    return rule if rule_text(rule) == text else None


def _numbers(text: str, but: int = -1) -> Iterator[int]:
    return (number for number in map(int, re.findall(r"\d+", text)) if number != but)


def _parts(rule: Rule) -> Iterator[str]:
    if rule.multiple == 0 or rule.minimum == rule.maximum:
        yield f"{_series(sorted({rule.given, *rule.exceptions}), 'or')} only"
        return
    if rule.exceptions:
        yield from _parts(replace(rule, exceptions=()))
        yield f"also {_series(rule.exceptions, 'and')}"
        return
    fits = _fits(rule)
    if rule.maximum is not None:
        bounds = f"{rule.minimum} to {rule.maximum}"
        yield f"{fits}, {bounds}" if fits else bounds
    elif not fits:
        yield ANY_SIZE if rule.minimum == 1 else f"at least {rule.minimum}"
    else:
        yield f"{fits}, at least {rule.minimum}"


def _fits(rule: Rule) -> str:
    """What a size has to be a multiple of, nothing where it may be anything."""
    if rule.multiple == 1:
        return ""
    rests = sorted((rule.remainder, *rule.also))
    if rests == [0]:
        return f"multiples of {rule.multiple}"
    return f"multiples of {rule.multiple}, and {_series(rests, 'or')} more"


def _series(numbers: Iterable[int], last: str) -> str:
    """`1`, `1 or 2`, `1, 2 or 3`."""
    *first, end = map(str, numbers)
    return f"{', '.join(first)} {last} {end}" if first else end
