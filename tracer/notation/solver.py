"""Names and what they are bound to: found from the sizes that terms were seen to be.

A name that stands alone on an axis is bound first, wherever it stands, in the order in which the
axes are given. Then arithmetic is solved where one name in it is still free, as ``h/2 = 16`` for h,
and looked at again as more names are bound. Names that nothing binds are a contradiction, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from tracer.algebra.polynomial import Formula, parse
from tracer.notation.equations import Binding, Contradiction, Equation, Solution
from tracer.notation.terms import (
    APPLY,
    Operator,
    SizeName,
    SizeOperation,
    Term,
    names,
    term_text,
    value_of,
)
from tracer.record import Dim

INVERSE: dict[Operator, Operator] = {"+": "-", "-": "+", "*": "/", "/": "*"}


Legal = Mapping[str, Sequence[int]]
"""Some of the sizes that each symbol of a trace may have."""


def solve(equations: Iterable[Equation], legal: Legal | None = None) -> Solution:
    """Bind each name once, and say which equations do not agree with that.

    A name that stands for a formula has to be a whole number at all `legal` sizes.
    """
    given = list(equations)
    solver = _Solver(legal or {})
    for equation in given:
        if not isinstance(equation.term, SizeOperation):
            solver.settle(equation)
    solver.settle_all([one for one in given if isinstance(one.term, SizeOperation)])
    places = {id(one): number for number, one in enumerate(given)}
    found = sorted(solver.contradictions, key=lambda one: places[id(one.equation)])
    return Solution(tuple(solver.bindings.values()), tuple(found))


def size_of(dim: Dim) -> Formula:
    """The size of an axis; a formula as it is."""
    return Formula.of(dim) if isinstance(dim, int) else parse(dim.replace("·", "*"))


@dataclass
class _Solver:
    legal: Legal
    sizes: dict[str, Formula] = field(default_factory=dict)
    bindings: dict[str, Binding] = field(default_factory=dict)
    contradictions: list[Contradiction] = field(default_factory=list)

    def settle_all(self, waiting: Sequence[Equation]) -> None:
        """Settle equations until none is left, or those that are left tell nothing."""
        left = [one for one in waiting if not self.settle(one)]
        if len(left) < len(waiting):
            self.settle_all(left)
        else:
            for equation in left:
                self.give_up(equation)

    def settle(self, equation: Equation) -> bool:
        """Compare or bind what the equation tells by now; False if it has to wait."""
        free = self.free(equation.term)
        if len(free) > 1:
            return False
        try:
            if free:
                self.bind(equation, free[0])
            else:
                self.compare(equation)
        except (ArithmeticError, ValueError):
            self.refuse(equation, f"{term_text(equation.term)} is no size")
        return True

    def free(self, term: Term) -> Sequence[SizeName]:
        """The names in a term that are not bound, as often as they occur."""
        return [name for name in names(term) if name.name not in self.sizes]

    def compare(self, equation: Equation) -> None:
        wanted, found = value_of(equation.term, self.sizes), size_of(equation.size)
        if wanted is not None and wanted != found:
            text, size = term_text(equation.term), _text(wanted)
            said = size if text == size else f"{text} = {size}"
            whole = self.is_whole(wanted)
            reason = f"{said} expected" if whole else f"{said} is not a whole number"
            self.refuse(equation, f"{reason}, {_text(found)} found")

    def bind(self, equation: Equation, free: SizeName) -> None:
        """Solve for the one free name."""
        found = _solved(equation.term, size_of(equation.size), self.sizes)
        text = term_text(equation.term)
        back = value_of(equation.term, {**self.sizes, free.name: found})
        if back != size_of(equation.size) or not self.is_whole(found):
            always = "" if found.is_number else " at every size"
            name = free.name if free.binds else "_"
            reason = f"no whole number {name} makes {text} = {equation.size}{always}"
            self.refuse(equation, reason)
        elif free.binds:
            self.sizes[free.name] = found
            binding = Binding(free.name, _text(found), equation.origin, text)
            self.bindings[free.name] = binding

    def is_whole(self, size: Formula) -> bool:
        """Whether it can be a size: a whole number, at whatever legal sizes its symbols have."""
        if not size.names <= self.legal.keys():
            return True
        names = sorted(size.names)
        choices = product(*(self.legal[name] for name in names))
        values = (size.evaluate(dict(zip(names, chosen, strict=True))) for chosen in choices)
        return all(value >= 0 and value.denominator == 1 for value in values)

    def give_up(self, equation: Equation) -> None:
        """An equation that still has several free names."""
        free = sorted({name.name for name in self.free(equation.term) if name.binds})
        if free:
            text, which = term_text(equation.term), " and ".join(free)
            each = "it" if len(free) == 1 else "each"
            self.refuse(
                equation,
                f"{text} = {equation.size} does not tell {which}: give {each} an axis of its own",
            )

    def refuse(self, equation: Equation, reason: str) -> None:
        used = dict.fromkeys(name.name for name in names(equation.term))
        bound = tuple(self.bindings[name] for name in used if name in self.bindings)
        self.contradictions.append(Contradiction(equation, reason, bound))


def _solved(term: Term, size: Formula, sizes: Mapping[str, Formula]) -> Formula:
    """The one free name of a term, so that the term is the size."""
    if not isinstance(term, SizeOperation):
        return size
    left, right = value_of(term.left, sizes), value_of(term.right, sizes)
    if right is not None:
        return _solved(term.left, APPLY[INVERSE[term.operator]](size, right), sizes)
    return _solved(term.right, _right_of(term.operator, size, left or Formula.of(0)), sizes)


def _right_of(operator: Operator, size: Formula, left: Formula) -> Formula:
    """What is on the right of an operator, from the result and what is on the left."""
    if operator in "-/":
        return APPLY[operator](left, size)
    return APPLY[INVERSE[operator]](size, left)


def _text(size: Formula) -> str:
    return str(size).replace(" ", "")
