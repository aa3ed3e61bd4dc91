"""What the bytecode of a function says about all of its calls: what it may change, what it reads.

It says nothing about the functions that are called: each is looked at by itself.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

PREFIXES = (
    *("BINARY_", "BUILD_", "CALL", "COMPARE_", "CONTAINS_", "COPY", "DICT_", "FORMAT_", "FOR_"),
    *("END_", "JUMP", "LIST_", "LOAD_CONST", "LOAD_FAST", "LOAD_SMALL_INT", "MAKE_", "POP_"),
    *("RETURN_", "SET_", "STORE_FAST", "UNARY_", "UNPACK_"),
)
"""How the instructions begin that change nothing but what the function has made itself."""

INSTRUCTIONS = frozenset(
    (
        *("BEFORE_WITH", "CACHE", "CHECK_EXC_MATCH", "CONVERT_VALUE", "DELETE_FAST"),
        *("DELETE_SUBSCR", "EXTENDED_ARG", "GET_ITER", "GET_LEN", "IS_OP", "KW_NAMES"),
        *("LOAD_ASSERTION_ERROR", "LOAD_ATTR", "LOAD_CLOSURE", "LOAD_COMMON_CONSTANT"),
        *("LOAD_DEREF", "LOAD_GLOBAL", "LOAD_METHOD", "LOAD_SPECIAL", "LOAD_SUPER_ATTR", "MAP_ADD"),
        *("NOP", "NOT_TAKEN", "PRECALL", "PUSH_EXC_INFO", "PUSH_NULL", "RAISE_VARARGS", "RERAISE"),
        *("RESUME", "STORE_SLICE", "STORE_SUBSCR", "SWAP", "TO_BOOL", "WITH_EXCEPT_START"),
        "YIELD_VALUE",
    )
)
"""Further such instructions. What an assignment to an element changes is found out otherwise."""

SHARED_STORES = frozenset(("STORE_DEREF", "DELETE_DEREF"))
"""Instructions that set a variable that several functions share."""

PYTHON_NAMES = frozenset(
    (
        *("__call__", "__class__", "__enter__", "__exit__", "__func__", "__getattr__"),
        *("__getitem__", "__init__", "__iter__", "__len__", "__name__", "__next__"),
        *("__qualname__", "__self__", "__torch_function__"),
    )
)
"""Names between underscores that lead to nothing that is hidden otherwise."""

LOADS_OF_ATTRIBUTES = ("LOAD_ATTR", "LOAD_METHOD")

LOOK_UPS = frozenset(("getattr", "hasattr"))

FORMATTERS = frozenset(("format", "format_map"))
"""Methods of a text that may name attributes: ``"{0.scale}"``."""


@dataclass(frozen=True, slots=True)
class GlobalUse:
    """A global name that a function reads, and the attributes that follow: ``torch.float16``.

    `is_method` says that the last attribute is a method that is called.
    """

    name: str
    attributes: tuple[str, ...]
    is_method: bool


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """What the bytecode of a function says.

    Attributes:
        refusal: The instruction or name that may change or read anything; empty if there is none.
        globals: The global names that it reads.
        names: All attributes that it may read, and all texts in it.
        looks_up: Whether it reads attributes by names that are computed.
        shared: The variables of functions around it that it sets.
    """

    refusal: str
    globals: tuple[GlobalUse, ...] = ()
    names: frozenset[str] = frozenset()
    looks_up: bool = False
    shared: frozenset[str] = frozenset()


_KNOWN: dict[int, tuple[CodeType, CodeFacts]] = {}


def facts_of(code: CodeType) -> CodeFacts:
    """Return what the bytecode of a function says, which is looked at once.

    >>> def forward(self, x):
    ...     return dis.opname if x.ndim else getattr(self, "scale")
    >>> facts = facts_of(forward.__code__)
    >>> facts.refusal, facts.globals[0], facts.looks_up
    ('', GlobalUse(name='dis', attributes=('opname',), is_method=False), False)
    >>> facts_of((lambda self: setattr(self, "calls", self.calls + 1)).__code__).globals[0].name
    'setattr'
    >>> def count(self):
    ...     self.calls += 1
    >>> facts_of(count.__code__).refusal
    'STORE_ATTR'
    """
    known = _KNOWN.get(id(code))
    if known is None:
        known = _KNOWN[id(code)] = code, _facts(code)
    return known[1]


def _facts(code: CodeType) -> CodeFacts:
    instructions = [one for one in dis.get_instructions(code) if one.opname not in _FILLERS]
    for one in instructions:
        if one.opname not in INSTRUCTIONS | SHARED_STORES and not one.opname.startswith(PREFIXES):
            return CodeFacts(one.opname)
    names = {*code.co_names, *_texts(code.co_consts)}
    own = sum(map(_reads_own_attributes, instructions, instructions[1:]))
    hidden = sorted(filter(_is_hidden, names))
    is_own = own == sum(one.argval == "__dict__" for one in instructions)
    if hidden and not (is_own and hidden == ["__dict__"]):
        return CodeFacts(hidden[0])
    shared = {one.argval for one in instructions if one.opname in SHARED_STORES}
    return CodeFacts(
        "",
        tuple(_globals(instructions)),
        frozenset(names),
        own > 0
        or bool(names & FORMATTERS)
        or any(_looks_up(instructions, place) for place in range(len(instructions))),
        frozenset(shared & set(code.co_freevars)),
    )


_FILLERS = frozenset(("CACHE", "EXTENDED_ARG", "KW_NAMES", "PRECALL", "PUSH_NULL"))


def _is_hidden(name: str) -> bool:
    return name.startswith("__") and name.endswith("__") and name not in PYTHON_NAMES


def _texts(constants: Iterable[Any]) -> Iterator[str]:
    for item in constants:
        if isinstance(item, str):
            yield item
        elif isinstance(item, (tuple, frozenset)):
            yield from _texts(item)


def _globals(instructions: Sequence[dis.Instruction]) -> Iterator[GlobalUse]:
    for place, one in enumerate(instructions):
        if one.opname == "LOAD_GLOBAL":
            attributes, is_method = [], False
            for following in instructions[place + 1 :]:
                if is_method or following.opname not in LOADS_OF_ATTRIBUTES:
                    break
                attributes.append(following.argval)
                is_method = _is_method(following)
            yield GlobalUse(one.argval, tuple(attributes), is_method)


def _is_method(instruction: dis.Instruction) -> bool:
    if instruction.opname == "LOAD_METHOD":
        return True
    return sys.version_info >= (3, 12) and bool((instruction.arg or 0) & 1)


def _reads_own_attributes(one: dis.Instruction, following: dis.Instruction) -> bool:
    """Whether this is ``self.__dict__``."""
    is_self = one.opname.startswith("LOAD_FAST") and one.argval == "self"
    return is_self and following.argval == "__dict__"


def _looks_up(instructions: Sequence[dis.Instruction], place: int) -> bool:
    """Whether an attribute is read here by a name that is not written there."""
    one = instructions[place]
    if one.opname != "LOAD_GLOBAL" or one.argval not in LOOK_UPS:
        return False
    for end, following in enumerate(instructions[place + 1 :], place + 1):
        count = following.arg or 0
        if following.opname == "CALL":
            name = instructions[end - count + 1]
            is_text = name.opname == "LOAD_CONST" and isinstance(name.argval, str)
            # The attribute of a default would be taken for an argument of its own.
            is_plain = instructions[end - 1].opname not in LOADS_OF_ATTRIBUTES
            return not (is_text and count > 1 and end - place > count and is_plain)
        if not following.opname.startswith("LOAD_"):
            break
    return True
