"""The names that each line of a function reads or sets, from its bytecode."""

from __future__ import annotations

import dis
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType
from weakref import WeakKeyDictionary

LOCAL_LOADS = ("LOAD_FAST", "LOAD_DEREF", "LOAD_CLOSURE", "LOAD_NAME")
"""How the instructions begin that read a local variable."""

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
    """

    by_line: dict[int, frozenset[str]]
    attributes: tuple[AttributePath, ...]
    assigned: frozenset[str]


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
    for use in _uses(code):
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
    return CodeNames(by_line, tuple(attributes.values()), frozenset(assigned))


def _uses(code: CodeType) -> Iterator[_NameUse]:
    """The lines of each instruction, and the name that it reads or sets, if any."""
    chain = ""
    for instruction in dis.get_instructions(code):
        position = instruction.positions
        line = position.lineno if position else None
        if position is None or line is None:
            continue
        last_line = position.end_lineno or line
        op, name = instruction.opname, instruction.argval
        if op.startswith(LOCAL_LOADS):
            for chain in name if isinstance(name, tuple) else (str(name),):
                yield _NameUse(line, last_line, chain)
            continue
        is_store = op == "STORE_ATTR"
        chain = f"{chain}.{name}" if chain and (is_store or op in ATTRIBUTE_LOADS) else ""
        yield _NameUse(line, last_line, chain, assigned=is_store)
        if is_store:
            chain = ""
