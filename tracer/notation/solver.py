"""Solves equations between terms and observed sizes for the names in the terms.

A name that stands alone on an axis is bound first, wherever it occurs, in the order of the axes.
Then every equation with one unknown is solved for it by inverting its operations from the outside
in (``h/2 = 16`` gives h = 32), and the remaining ones are tried again as more names are bound.
An equation whose names cannot be determined is a contradiction, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from tracer.algebra.polynomial import Formula, parse
from tracer.notation.equations import Binding, Contradiction, Equation, Solution
from tracer.notation.terms import (
    ARITHMETIC,
    Operator,
    SizeName,
    SizeOperation,
    Term,
    names_in,
    term_text,
    value_of,
)
from tracer.record import Dim

INVERSE_OPERATOR: dict[Operator, Operator] = {"+": "-", "-": "+", "*": "/", "/": "*"}

AllowedSizes = Mapping[str, Sequence[int]]
"""For each symbol of a trace, some of the sizes at which its formulas hold."""


def solve(equations: Iterable[Equation], allowed: AllowedSizes | None = None) -> Solution:
    """Bind every name once, and find the equations that do not agree with the bindings.

    Args:
        equations: Terms with their observed sizes, numbers or formulas.
        allowed: Sizes of the symbols in formulas. A name that is bound to a formula must be a
            whole number at each of them.

    Returns:
        The bindings, and the contradictions in the order of the equations.

    >>> from tracer.notation import Origin, parse_shape
    >>> terms = parse_shape("4*c c h/2").axes
    >>> equations = [
    ...     Equation(term, size, Origin("x", axis))
    ...     for axis, (term, size) in enumerate(zip(terms, (256, 32, "H/4")))
    ... ]
    >>> solution = solve(equations)
    >>> [f"{one.name} = {one.size}" for one in solution.bindings]
    ['c = 32', 'h = H/2']
    >>> [one.reason for one in solution.contradictions]
    ['4*c = 128 expected, 256 found']
    """
    given = list(equations)
    solver = _Solver(allowed or {})
    for equation in given:
        if not isinstance(equation.term, SizeOperation):
            solver.try_equation(equation)
    solver.solve_all([one for one in given if isinstance(one.term, SizeOperation)])
    positions = {id(equation): number for number, equation in enumerate(given)}
    contradictions = sorted(solver.contradictions, key=lambda one: positions[id(one.equation)])
    return Solution(tuple(solver.bindings.values()), tuple(contradictions))


def size_of(dim: Dim) -> Formula:
    """Return a size of a trace, a number or the text of a formula, as a formula."""
    return Formula.of(dim) if isinstance(dim, int) else parse(dim.replace("·", "*"))


@dataclass
class _Solver:
    allowed: AllowedSizes
    sizes: dict[str, Formula] = field(default_factory=dict)
    bindings: dict[str, Binding] = field(default_factory=dict)
    contradictions: list[Contradiction] = field(default_factory=list)

    def solve_all(self, equations: Sequence[Equation]) -> None:
        """Solve equations until none is left, or those that are left cannot be solved."""
        unsolved, before = list(equations), len(equations) + 1
        while len(unsolved) < before:
            before = len(unsolved)
            unsolved = [one for one in unsolved if not self.try_equation(one)]
        for equation in unsolved:
            self.report_unknowns(equation)

    def try_equation(self, equation: Equation) -> bool:
        """Check an equation, or solve it for its one unknown; False if it has several."""
        unknowns = self.unknowns(equation.term)
        if len(unknowns) > 1:
            return False
        try:
            if unknowns:
                self.bind(equation, unknowns[0])
            else:
                self.check(equation)
        except (ArithmeticError, ValueError):
            self.report(equation, f"{term_text(equation.term)} is not a size")
        return True

    def unknowns(self, term: Term) -> Sequence[SizeName]:
        """The names in a term that are not bound, each as often as it occurs."""
        return [name for name in names_in(term) if name.name not in self.sizes]

    def check(self, equation: Equation) -> None:
        """Report an equation without unknowns that does not hold."""
        expected, found = value_of(equation.term, self.sizes), size_of(equation.size)
        if expected is not None and expected != found:
            text, size = term_text(equation.term), _text(expected)
            value = size if text == size else f"{text} = {size}"
            whole = self.is_whole(expected)
            reason = f"{value} expected" if whole else f"{value} is not a whole number"
            self.report(equation, f"{reason}, {_text(found)} found")

    def bind(self, equation: Equation, unknown: SizeName) -> None:
        """Solve an equation for its one unknown."""
        value = _solved(equation.term, size_of(equation.size), self.sizes)
        text = term_text(equation.term)
        substituted = value_of(equation.term, {**self.sizes, unknown.name: value})
        if substituted != size_of(equation.size) or not self.is_whole(value):
            always = "" if value.is_number else " at every size"
            name = unknown.name if unknown.binds else "_"
            self.report(equation, f"no whole number {name} makes {text} = {equation.size}{always}")
        elif unknown.binds:
            self.sizes[unknown.name] = value
            binding = Binding(unknown.name, _text(value), equation.origin, text)
            self.bindings[unknown.name] = binding

    def is_whole(self, size: Formula) -> bool:
        """Whether a size is a whole number, for a formula at all allowed sizes."""
        if not size.names <= self.allowed.keys():
            return True
        symbols = sorted(size.names)
        choices = product(*(self.allowed[name] for name in symbols))
        values = (size.evaluate(dict(zip(symbols, chosen, strict=True))) for chosen in choices)
        return all(value >= 0 and value.denominator == 1 for value in values)

    def report_unknowns(self, equation: Equation) -> None:
        """Report an equation that still has several unknowns, unless they are wildcards."""
        unknowns = sorted({name.name for name in self.unknowns(equation.term) if name.binds})
        if unknowns:
            text, listed = term_text(equation.term), " and ".join(unknowns)
            each = "it" if len(unknowns) == 1 else "each"
            self.report(
                equation,
                f"{text} = {equation.size} does not determine {listed}: "
                f"give {each} an axis of its own",
            )

    def report(self, equation: Equation, reason: str) -> None:
        used = dict.fromkeys(name.name for name in names_in(equation.term))
        bindings = tuple(self.bindings[name] for name in used if name in self.bindings)
        self.contradictions.append(Contradiction(equation, reason, bindings))


def _solved(term: Term, size: Formula, sizes: Mapping[str, Formula]) -> Formula:
    """The value of the one unknown for which the term is that size."""
    if not isinstance(term, SizeOperation):
        return size
    left, right = value_of(term.left, sizes), value_of(term.right, sizes)
    if right is not None:
        inverse = ARITHMETIC[INVERSE_OPERATOR[term.operator]]
        return _solved(term.left, inverse(size, right), sizes)
    return _solved(term.right, _right_operand(term.operator, size, left or Formula.of(0)), sizes)


def _right_operand(operator: Operator, size: Formula, left: Formula) -> Formula:
    if operator in "-/":
        return ARITHMETIC[operator](left, size)
    return ARITHMETIC[INVERSE_OPERATOR[operator]](size, left)


def _text(size: Formula) -> str:
    return str(size).replace(" ", "")
