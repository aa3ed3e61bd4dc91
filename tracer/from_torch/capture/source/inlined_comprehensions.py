"""The comprehensions that Python 3.12 and newer run as part of the function around them (PEP 709).

Before, a comprehension was a function of its own, which is not traced: a line with one was a single
line, whatever ran inside. Inlined, each turn of its loop is a line event, and its variables are
among the local ones. A trace has to be the same on every Python, and what a reader sees is one
statement. So here is which instructions are part of a comprehension, for line events in them to be
passed over.
"""

from __future__ import annotations

import dis
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

SAVES_VARIABLE = "LOAD_FAST_AND_CLEAR"
"""The instruction with which an inlined comprehension begins, and nothing else."""


@dataclass(slots=True)
class InlinedComprehensions:
    """Instructions of one function, by their offsets in its bytecode.

    Attributes:
        inside: Those in a comprehension, but for its first one: a line event there may be that of
            the line on which the comprehension begins.
        after: The first one after each comprehension. It is on the line on which the comprehension
            begins, for example to assign it to a variable, unless it is of another line.
    """

    inside: set[int] = field(default_factory=set)
    after: set[int] = field(default_factory=set)


def with_variables(
    instructions: Iterable[dis.Instruction], found: InlinedComprehensions
) -> Iterator[tuple[dis.Instruction, frozenset[str]]]:
    """Yield each instruction with the variables of the comprehension that it is part of.

    Args:
        instructions: The instructions of a function.
        found: Where the offsets are added.
    """
    whole: dis.Positions | None = None
    variables: frozenset[str] = frozenset()
    for one in instructions:
        was_inside, is_inside = whole is not None, _is_within(one.positions, whole)
        if was_inside and not is_inside:
            found.after.add(one.offset)
            whole, variables = None, frozenset()
        if one.opname == SAVES_VARIABLE:
            whole = whole or one.positions
            variables |= {one.argval}
        if is_inside:
            found.inside.add(one.offset)
        yield one, variables


def _is_within(position: dis.Positions | None, whole: dis.Positions | None) -> bool:
    """Whether an instruction is part of a comprehension; one without a position may be."""
    if whole is None:
        return False
    if position is None or None in position or None in whole:
        return True
    first, last, column, end = position
    return (whole.lineno, whole.col_offset) <= (first, column) and (last, end) <= (
        whole.end_lineno,
        whole.end_col_offset,
    )
