"""The names that each line of a function reads or sets, from its bytecode."""

from __future__ import annotations

import dis
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import CodeType
from typing import Any
from weakref import WeakKeyDictionary

from tracer.from_torch.capture.source.idle_lines import lines_that_only_read
from tracer.from_torch.capture.source.inlined_comprehensions import (
    SAVES_VARIABLE,
    InlinedComprehensions,
    with_variables,
)
from tracer.from_torch.capture.source.line_stores import STORE_AND_LOAD, LineStores, stores_in

LOCAL_LOADS = ("LOAD_FAST", "LOAD_DEREF", "LOAD_CLOSURE", "LOAD_NAME")
"""How the instructions begin that read a local variable."""

COMPREHENSIONS = frozenset(("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"))

ATTRIBUTE_LOADS = frozenset(("LOAD_ATTR", "LOAD_METHOD"))

NO_NAMES: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class AttributePath:
    """An attribute of a local variable: ``"self.state.skips"``, in its parts."""

    name: str
    variable: str
    between: tuple[str, ...]
    attribute: str

    @classmethod
    def of(cls, name: str) -> AttributePath:
        """Return the parts of a name with at least one dot."""
        variable, *between, attribute = name.split(".")
        return cls(name, variable, tuple(between), attribute)


@dataclass(frozen=True, slots=True)
class CodeNames:
    """The local variables (``"hs"``) and their attributes (``"self.hs"``) in one function.

    Attributes:
        by_line: The names that each line reads. A line at which a statement over several lines
            begins has the names of all of them: what is called there runs at its first line.
        attributes: The attributes that some line reads or sets.
        assigned: Those that some line sets.
        inlined: The instructions of comprehensions, which are part of the line that they are on.
        stores: The instructions that set a local variable, by where a run of their line begins.
        idle: The lines that only read and branch, and so change nothing by themselves.
    """

    by_line: dict[int, frozenset[str]]
    attributes: tuple[AttributePath, ...]
    assigned: frozenset[str]
    inlined: InlinedComprehensions = field(default_factory=InlinedComprehensions)
    stores: LineStores = field(default_factory=dict)
    idle: frozenset[int] = frozenset()


NAMES_OF_CODE: WeakKeyDictionary[CodeType, CodeNames] = WeakKeyDictionary()
"""The names of each function that was traced so far."""


@dataclass(frozen=True, slots=True)
class _NameUse:
    line: int
    last_line: int
    name: str
    assigned: bool = False


def names_in_code(code: CodeType) -> CodeNames:
    """Return the names that the lines of a function read or set.

    >>> def forward(self, x):
    ...     self.skips.append(x)
    >>> [path.name for path in names_in_code(forward.__code__).attributes]
    ['self.skips', 'self.skips.append']
    """
    found = NAMES_OF_CODE.get(code)
    if found is None:
        found = NAMES_OF_CODE[code] = _names_in_bytecode(code)
    return found


def _names_in_bytecode(code: CodeType) -> CodeNames:
    names: dict[int, set[str]] = defaultdict(set)
    spans: dict[int, int] = {}
    attributes: dict[str, AttributePath] = {}
    assigned: set[str] = set()
    inlined = InlinedComprehensions()
    for use in _uses(code, inlined):
        spans[use.line] = max(use.last_line, spans.get(use.line, 0))
        if use.name:
            names[use.line].add(use.name)
            if "." in use.name:
                attributes.setdefault(use.name, AttributePath.of(use.name))
            if use.assigned:
                assigned.add(use.name)
    by_line = {
        line: frozenset().union(*(names[one] for one in range(line, last + 1) if one in names))
        for line, last in spans.items()
    }
    stores = stores_in(dis.get_instructions(code), inlined)
    paths, idle = tuple(attributes.values()), lines_that_only_read(dis.get_instructions(code))
    return CodeNames(by_line, paths, frozenset(assigned), inlined, stores, idle)


def _uses(
    code: CodeType, inlined: InlinedComprehensions, own: frozenset[str] = frozenset()
) -> Iterator[_NameUse]:
    """The lines of each instruction, and the name that it reads or sets, if any.

    What comprehensions read is part of it, also where they are functions of their own. Their own
    variables are not.

    Args:
        code: A function, or a comprehension in it.
        inlined: Where inlined comprehensions are added.
        own: The variables of the comprehension.
    """
    chain = ""
    for instruction, variables in with_variables(dis.get_instructions(code), inlined):
        position = instruction.positions
        line = position.lineno if position else None
        if position is None or line is None:
            continue
        last_line = position.end_lineno or line
        op, name = instruction.opname, instruction.argval
        if isinstance(name, CodeType) and name.co_name in COMPREHENSIONS:
            own_names = frozenset((*name.co_varnames, *name.co_cellvars))
            yield from _uses(name, InlinedComprehensions(), own_names)
        loads = _loaded(op, name)
        for load in loads:
            chain = "" if load in own | variables else load
            yield _NameUse(line, last_line, chain)
        if loads:
            continue
        is_store = op == "STORE_ATTR"
        chain = f"{chain}.{name}" if chain and (is_store or op in ATTRIBUTE_LOADS) else ""
        yield _NameUse(line, last_line, chain, assigned=is_store)
        if is_store:
            chain = ""


def _loaded(op: str, name: Any) -> tuple[str, ...]:
    """The local variables that an instruction reads."""
    if op == STORE_AND_LOAD:
        return (name[1],)
    if op.startswith(LOCAL_LOADS) and op != SAVES_VARIABLE:
        return name if isinstance(name, tuple) else (str(name),)
    return ()
