"""The rule for a size as one line of a lock file.

multiples of 4, and 0 or 3 more, at least 3; also 1
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from tracer.analysis.size_rules import Rule

ANY_SIZE = "any"
MAX_RULE_NUMBERS = 10_000
"""The most remainders that a line may list, those of ranges counted one by one."""
NUMBER = r"\d{1,18}"
RANGE = rf"{NUMBER}(?: to {NUMBER})?"
NUMBERS = rf"{RANGE}(?:, {RANGE})*(?: (?:or|and) {RANGE})?"
OTHERS = ", and perhaps others"
SHORTEST_RANGE = 5
"""So many consecutive remainders are written as a range: ``0 to 127``."""

MULTIPLES = rf"multiples of (?P<multiple>{NUMBER})(?:, and (?P<remainders>{NUMBERS}) more)?"
BOUNDS = rf"at least (?P<least>{NUMBER})|(?P<low>{NUMBER}) to (?P<high>{NUMBER})"
RULE_PATTERN = re.compile(
    r"(?:equal to (?P<tied>\w+), )?"
    rf"(?:(?P<only>{NUMBERS})(?: only|(?={OTHERS}$))"
    rf"|{ANY_SIZE}|(?:{MULTIPLES}, )?(?:{BOUNDS}))"
    rf"(?:; also (?P<also>{NUMBERS}))?(?P<partial>{OTHERS})?"
)


def format_rule(rule: Rule) -> str:
    """Return a rule as one line.

    >>> format_rule(Rule("H", given=64, multiple=32, minimum=32))
    'multiples of 32, at least 32'
    >>> format_rule(Rule("H", given=18, multiple=1, minimum=16, maximum=19))
    '16 to 19'
    """
    text = "; ".join(_parts(rule)) + (OTHERS if rule.partial else "")
    return f"equal to {rule.tied_to}, {text}" if rule.tied_to else text


def parse_rule(name: str, text: str) -> Rule | None:
    """Return the rule that a line describes; None for another line.

    A line does not contain the size that was given, so `Rule.given` is the least size allowed.

    >>> parse_rule("H", "multiples of 32, at least 32").allows(96)
    True
    """
    match = RULE_PATTERN.fullmatch(text)
    if match is None or _count_of_numbers(match) > MAX_RULE_NUMBERS:
        return None
    only = sorted(_numbers(match["only"] or ""))
    least = only[0] if only else int(match["least"] or match["low"] or 1)
    largest = only[0] if only else match["high"]
    multiple = 0 if match["only"] else int(match["multiple"] or 1)
    remainders = _numbers(match["remainders"] or "0") if multiple else ()
    rule = Rule(
        name=name,
        given=least,
        multiple=multiple,
        minimum=least,
        maximum=int(largest) if largest else None,
        also=tuple(number for number in remainders if number != least % multiple),
        exceptions=(*only[1:], *_numbers(match["also"] or "")),
        tied_to=match["tied"],
        partial=match["partial"] is not None,
    )
    return rule if text in (format_rule(rule), _without_ranges(rule)) else None


def _without_ranges(rule: Rule) -> str:
    """The line with every remainder by itself, as older lock files have it."""
    remainders = sorted((rule.remainder, *rule.also))
    ranges = _listed(remainder_ranges(remainders), "or")
    return format_rule(rule).replace(f"{ranges} more", f"{_listed(remainders, 'or')} more")


def consecutive_runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return the first and the last of each run of consecutive numbers.

    >>> consecutive_runs([0, 1, 2, 7])
    [(0, 2), (7, 7)]
    """
    found: list[tuple[int, int]] = []
    for number in sorted(numbers):
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found


def remainder_ranges(numbers: Iterable[int], to: str = " to ") -> list[str]:
    """Return remainders as texts, many consecutive ones as a range.

    >>> remainder_ranges([0, 1, 8, 9, 10, 11, 12])
    ['0', '1', '8 to 12']
    """
    texts: list[str] = []
    for first, last in consecutive_runs(numbers):
        if last - first + 1 >= SHORTEST_RANGE:
            texts.append(f"{first}{to}{last}")
        else:
            texts.extend(map(str, range(first, last + 1)))
    return texts


def _ranges(text: str) -> list[tuple[int, int]]:
    """The first and the last number of each range in a text; a number alone is both."""
    pairs = re.findall(r"(\d+)(?: to (\d+))?", text)
    return [(int(first), int(last or first)) for first, last in pairs]


def _count_of_numbers(match: re.Match[str]) -> int:
    """How many numbers the lists in a line have."""
    lists = (match["only"], match["remainders"], match["also"])
    return sum(last - first + 1 for text in lists for first, last in _ranges(text or ""))


def _numbers(text: str) -> tuple[int, ...]:
    """All numbers in a text, those of a range one by one."""
    return tuple(number for first, last in _ranges(text) for number in range(first, last + 1))


def _parts(rule: Rule) -> Iterator[str]:
    if rule.multiple == 0 or rule.minimum == rule.maximum:
        listed = _listed(sorted({rule.given, *rule.exceptions}), "or")
        yield listed if rule.partial else f"{listed} only"
        return
    if rule.exceptions:
        yield from _parts(replace(rule, exceptions=()))
        yield f"also {_listed(rule.exceptions, 'and')}"
        return
    multiples = _multiples(rule)
    if rule.maximum is not None:
        bounds = f"{rule.minimum} to {rule.maximum}"
        yield f"{multiples}, {bounds}" if multiples else bounds
    elif not multiples:
        yield ANY_SIZE if rule.minimum == 1 else f"at least {rule.minimum}"
    else:
        yield f"{multiples}, at least {rule.minimum}"


def _multiples(rule: Rule) -> str:
    """The multiples that are allowed, with their remainders; empty if any number is."""
    if rule.multiple == 1:
        return ""
    remainders = sorted((rule.remainder, *rule.also))
    if remainders == [0]:
        return f"multiples of {rule.multiple}"
    return f"multiples of {rule.multiple}, and {_listed(remainder_ranges(remainders), 'or')} more"


def _listed(numbers: Iterable[int | str], conjunction: str) -> str:
    """``1``, ``1 or 2``, ``1, 2 or 3``."""
    *others, last = map(str, numbers)
    return f"{', '.join(others)} {conjunction} {last}" if others else last
