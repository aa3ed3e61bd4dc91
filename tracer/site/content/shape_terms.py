"""Shapes as notes write them, ``"b 2*c h/2 w/2"``, and whether a traced shape is one.

Terms are separated by blanks: a number, a name, which stands for the same size wherever it stands
in one note, or arithmetic with names (without blanks inside). ``_`` is any size, ``...`` any number
of sizes.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping

from tracer.algebra.polynomial import Formula, as_dim, from_dim
from tracer.record import Dim, Value
from tracer.render import number_format

TERM_OPERATORS: dict[type[ast.operator], Callable[[Formula, Formula], Formula]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
ANY_TERM, REST = "_", "..."


class TermError(ValueError):
    """A shape is not written as it should be."""


def disagreements(shapes: Mapping[str, str], values: Mapping[str, Value]) -> Iterator[str]:
    """What does not fit between the shapes of a note and the tensors that its locals held.

    A name is bound where it first stands alone. Raises TermError for a shape that cannot be read.
    """
    sizes: dict[str, Dim] = {}
    paired: list[tuple[str, str, Dim]] = []
    for name, written in shapes.items():
        terms = _spread(written, len(values[name].shape))
        if terms is None:
            yield f"{name} is {written!r}, but was traced as {number_format.shape_of(values[name])}"
            continue
        for term, size in zip(terms, values[name].shape, strict=True):
            if term.isidentifier() and term != ANY_TERM:
                sizes.setdefault(term, size)
            paired.append((name, term, size))
    for name, term, size in paired:
        if term != ANY_TERM and (expected := _value(term, sizes)) != size:
            traced = number_format.shape_of(values[name])
            yield f"{name} is {shapes[name]!r} with {term} = {expected}, but was traced as {traced}"


def _spread(written: str, rank: int) -> list[str] | None:
    """The terms, one for each dimension, or None when they are not as many."""
    terms = written.split()
    if terms.count(REST) == 1:
        at = terms.index(REST)
        terms[at : at + 1] = [ANY_TERM] * (rank - len(terms) + 1)
    return terms if len(terms) == rank else None


def _value(term: str, sizes: Mapping[str, Dim]) -> Dim:
    """What a term comes to, a number or a formula."""
    if term in sizes:
        return sizes[term]
    try:
        return as_dim(_evaluated(ast.parse(term, mode="eval").body, sizes))
    except TermError:
        raise
    except (SyntaxError, ValueError, ZeroDivisionError):
        raise TermError(f"{term!r} is no term of a shape") from None


def _evaluated(node: ast.expr, sizes: Mapping[str, Dim]) -> Formula:
    match node:
        case ast.Constant(value=int(number)):
            return Formula.of(number)
        case ast.Name(id=name):
            if name not in sizes:
                raise TermError(f"{name!r} stands only in arithmetic; write it alone once, too")
            return from_dim(sizes[name])
        case ast.BinOp(left=left, op=op, right=right) if type(op) in TERM_OPERATORS:
            return TERM_OPERATORS[type(op)](_evaluated(left, sizes), _evaluated(right, sizes))
    raise TermError(f"{ast.unparse(node)!r} is no term of a shape")
