"""The lines of a function that only read and branch: ``if self.norm is not None:``."""

from __future__ import annotations

import dis
from collections.abc import Iterable

from tracer.from_torch.capture.source.inlined_comprehensions import SAVES_VARIABLE

READS = (
    *("LOAD_ATTR", "LOAD_CONST", "LOAD_DEREF", "LOAD_FAST", "LOAD_GLOBAL", "LOAD_NAME"),
    *("LOAD_SMALL_INT", "COMPARE_OP", "CONTAINS_OP", "IS_OP", "TO_BOOL", "UNARY_NOT"),
    *("POP_JUMP", "JUMP", "COPY", "SWAP", "POP_TOP", "NOP", "NOT_TAKEN", "EXTENDED_ARG", "CACHE"),
)
"""How the instructions begin that call nothing and set nothing."""


def lines_that_only_read(instructions: Iterable[dis.Instruction]) -> frozenset[int]:
    """Return the lines all instructions of which only read and branch.

    Code that Python calls for them, such as that of a property, may still change something.

    >>> def forward(self, x):
    ...     if self.norm is not None and x is not self:
    ...         x = self.norm(x)
    ...     return x
    >>> first = forward.__code__.co_firstlineno
    >>> [line - first for line in lines_that_only_read(dis.get_instructions(forward))]
    [1]
    """
    idle: set[int] = set()
    busy: set[int] = set()
    for one in instructions:
        line = one.positions and one.positions.lineno
        if line is not None:
            is_read = one.opname.startswith(READS) and one.opname != SAVES_VARIABLE
            (idle if is_read else busy).add(line)
    return frozenset(idle - busy)
