"""Formulas, size rules and numbers in the browser have the values that Python computes.

The values are written into a golden file, and the tests in JavaScript compare with the same file.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Iterator
from typing import Any

from tests.conftest import Golden
from tracer.algebra.polynomial import Formula, as_dim, parse
from tracer.analysis.size_rules import Rule
from tracer.render import number_format

OF_MODELS = (
    "1",
    "128",
    "H/2",
    "H*W/64 + 77",
    "B*H*W/16",
    "8*B",
    "24*B*H**2*W**2 + 77*B",
    "11930112*B*H*W + 512*B",
    "2*(H + 1) - H",
    "-(H - 3)**2 + H*W",
    "H/2 - W/3 + 1/6",
    "(B + H)**3/7",
)
RULES = (
    Rule("H", given=32, multiple=8, minimum=8),
    Rule("H", given=34, multiple=8, minimum=10, maximum=200),
    Rule("H", given=30, multiple=16, minimum=1, also=(0, 15)),
    Rule("H", given=33, multiple=4, minimum=5, exceptions=(2, 7)),
    Rule("L", given=77, multiple=0, minimum=77, exceptions=(80,)),
)
SIZES = range(1, 220)
NUMBERS = (0, 1, 2, 999, 1000, 1023, 1024, 1225, 12350, 999_499, 999_500, 35_746_307, 10**14 + 1)
SHARES = ((0, 10), (1, 100_000), (1, 5000), (3, 1700), (457, 1000), (1, 1))


def _formula(draw: random.Random) -> str:
    """A sum of monomials, written with blanks and brackets where they mean nothing."""
    terms = []
    for _ in range(draw.randint(1, 5)):
        powers = {name: draw.randint(0, 3) for name in draw.sample("BHWLD", 2)}
        coefficient = draw.choice((1, 2, 3, 77, 4608, 11_930_112))
        monomial = Formula.monomial(coefficient, powers) / draw.choice((1, 1, 2, 64, 9))
        terms.append(f"({monomial})" if draw.random() < 0.3 else str(monomial))
    return " + ".join(terms)


def _formulas(draw: random.Random) -> Iterator[dict[str, Any]]:
    for text in (*OF_MODELS, *(_formula(draw) for _ in range(60))):
        formula = parse(text)
        sizes = [{name: draw.choice((1, 2, 18, 36, 64)) for name in "BHWLD"} for _ in range(10)]
        values = [formula.evaluate(at) for at in sizes]
        yield {
            "text": text,
            "plain": str(formula),
            "printed": number_format.formula(as_dim(formula)),
            "rounded": number_format.rounded_formula(as_dim(formula)),
            "sizes": sizes,
            "values": [int(one) if one.denominator == 1 else float(one) for one in values],
        }


def _sums(draw: random.Random, texts: list[str]) -> Iterator[dict[str, Any]]:
    for _ in range(20):
        parts = [(draw.choice(texts), draw.randint(1, 9)) for _ in range(6)]
        total = sum((parse(text) * times for text, times in parts), start=Formula.of(0))
        yield {"parts": parts, "total": str(total)}


def _rules(rules: Iterable[Rule]) -> Iterator[dict[str, Any]]:
    for rule in rules:
        remainders = [rule.remainder, *rule.also]
        document = {
            "name": rule.name,
            "given": rule.given,
            "multiple": rule.multiple,
            "remainders": remainders,
            "minimum": rule.minimum,
            "maximum": rule.maximum,
            "exceptions": list(rule.exceptions),
            "partial": False,
            "tied": None,
            "obstacles": [],
        }
        sizes = [(size, rule.allows(size), *rule.nearest(size)) for size in SIZES]
        yield {"rule": document, "sizes": sizes}


def test_values_in_the_browser_are_compared_with_those_of_python(golden: Golden) -> None:
    draw = random.Random(7)
    formulas = list(_formulas(draw))
    document = {
        "formulas": formulas,
        "sums": list(_sums(draw, [one["text"] for one in formulas])),
        "rules": list(_rules(RULES)),
        "numbers": [
            (
                number,
                number_format.count(number),
                number_format.rounded(number),
                number_format.operations(number),
                number_format.memory(number),
            )
            for number in NUMBERS
        ],
        "shares": [(*share, number_format.percent(*share)) for share in SHARES],
    }
    text = ",\n".join(f'"{key}": {json.dumps(value)}' for key, value in document.items())
    golden("explorer_values.json", f"{{\n{text}\n}}\n")
