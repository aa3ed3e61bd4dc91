"""The local variables that each line of a function sets, from its bytecode.

A line that gives a variable the tensor that it holds already (``h = hs[-1]``) cannot be told from
one that leaves it alone by looking at the variable. So here is which instructions set variables,
and what has to be known of a run of the line to say that it reached them.
"""

from __future__ import annotations

import dis
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import CodeType

from tracer.from_torch.capture.source.inlined_comprehensions import (
    SAVES_VARIABLE,
    InlinedComprehensions,
)

STORES = ("STORE_FAST", "STORE_DEREF")
"""How the instructions begin that set a local variable."""
STORE_AND_LOAD = "STORE_FAST_LOAD_FAST"
"""The instruction that sets a local variable and reads one."""
JUMPS = frozenset((*dis.hasjrel, *dis.hasjabs))
JUMP_FORWARD = "JUMP_FORWARD"
ENDS = ("JUMP_BACKWARD", "RETURN_", "RAISE_", "RERAISE")
"""How the instructions begin after which the next one does not run."""
INLINED = frozenset(("<listcomp>", "<setcomp>", "<dictcomp>"))
"""The comprehensions that are functions of their own before Python 3.12."""

Branch = tuple[int, int]
"""The offsets of a jump that may be taken, and of its target."""


@dataclass(frozen=True, slots=True)
class Store:
    """An instruction that sets a local variable.

    `branches` are the jumps of the same line that lead past it.
    """

    name: str
    offset: int
    branches: tuple[Branch, ...] = ()

    def has_run(self, begin: int, end: int, *, is_left: bool) -> bool:
        """Whether a run of the line surely reached this instruction.

        Args:
            begin: The offset at which the run of the line began.
            end: The offset at which the next line began, or the function returned.
            is_left: Whether the function returned.
        """
        if is_left and self.offset >= end:
            return False
        return all(jump < begin or jump <= end < target for jump, target in self.branches)


LineStores = Mapping[int, tuple[Store, ...]]
"""The stores that a run of a line may reach, by the offset at which it begins."""


def stores_in(
    instructions: Iterable[dis.Instruction], inlined: InlinedComprehensions
) -> LineStores:
    """Return the stores ahead of each instruction, up to the end of its line.

    The variables of comprehensions are left out, and so are those of the function that have the
    name of one on the same line: Python restores them there.

    Args:
        instructions: The instructions of a function.
        inlined: Those of comprehensions that are part of the function.

    >>> def forward(x, hs):
    ...     h = y = x
    ...     return h
    >>> instructions = list(dis.get_instructions(forward))
    >>> found = stores_in(instructions, InlinedComprehensions()).values()
    >>> [store.name for store in max(found, key=len)]
    ['h', 'y']
    """
    lines, hidden = _lines_and_hidden(instructions := list(instructions), inlined)
    found: dict[int, tuple[Store, ...]] = {}
    ahead: tuple[Store, ...] = ()
    following = 0
    for one in reversed(instructions):
        line = lines[one.offset]
        ahead = ahead if line == following else ()
        following = line
        if one.offset in inlined.inside:  # its jumps lead back to it, and out of it at its end
            pass
        elif one.opname.startswith(ENDS):
            ahead = ()
        elif one.opname == JUMP_FORWARD:
            ahead = found.get(one.argval, ()) if lines.get(one.argval) == line else ()
        elif one.opcode in JUMPS:
            ahead = tuple(_past(store, one.offset, one.argval) for store in ahead)
        else:
            names = (name for name in _stored(one) if name not in hidden[line])
            ahead = (*(Store(name, one.offset) for name in names), *ahead)
        if ahead:
            found[one.offset] = ahead
    return found


def _lines_and_hidden(
    instructions: Iterable[dis.Instruction], inlined: InlinedComprehensions
) -> tuple[dict[int, int], dict[int, set[str]]]:
    """The line of each instruction by its offset, and the variables of comprehensions by line.

    What has no line of its own, or is part of a comprehension, is on the line before it.
    """
    lines: dict[int, int] = {}
    hidden: dict[int, set[str]] = defaultdict(set)
    line = 0
    for one in instructions:
        position = one.positions
        if position and position.lineno is not None and one.offset not in inlined.inside:
            line = position.lineno
        lines[one.offset] = line
        if one.opname == SAVES_VARIABLE:
            hidden[line].add(one.argval)
        elif isinstance(one.argval, CodeType) and one.argval.co_name in INLINED:
            hidden[line].update(one.argval.co_varnames)
    return lines, hidden


def _past(store: Store, jump: int, target: int) -> Store:
    """A store that a jump leads past, if it does."""
    if store.offset >= target:
        return store
    return replace(store, branches=(*store.branches, (jump, target)))


def _stored(one: dis.Instruction) -> tuple[str, ...]:
    """The local variables that an instruction sets, in order."""
    if one.opname == STORE_AND_LOAD:
        return (one.argval[0],)
    if not one.opname.startswith(STORES):
        return ()
    return one.argval if isinstance(one.argval, tuple) else (one.argval,)
