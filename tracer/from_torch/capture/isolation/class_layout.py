"""Where the instances of a class keep their state, and whether they can be copied."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from struct import calcsize
from types import MemberDescriptorType
from typing import Any
from weakref import WeakKeyDictionary

DEFINES_DEL = "its class defines __del__, which would run for a copy, too"
HAS_C_STATE = "its class keeps state in C, which cannot be copied"


@dataclass(frozen=True, slots=True)
class ClassLayout:
    """The slots of a class, which hold state besides ``__dict__``.

    `reason` says why its instances cannot be copied; it is None if they can be.
    """

    slots: tuple[MemberDescriptorType, ...]
    reason: str | None

    @staticmethod
    def of(cls: type) -> ClassLayout:
        """The layout of a class, computed once."""
        layout = _LAYOUTS.get(cls)
        if layout is None:
            bases = [base for base in cls.__mro__ if "__slots__" in vars(base)]
            members = [member for base in bases for member in vars(base).values()]
            slots = tuple(one for one in members if isinstance(one, MemberDescriptorType))
            layout = _LAYOUTS[cls] = ClassLayout(slots, _reason(cls, len(slots)))
        return layout


_LAYOUTS: WeakKeyDictionary[type, ClassLayout] = WeakKeyDictionary()


def _reason(cls: type, slot_count: int) -> str | None:
    if hasattr(cls, "__del__"):
        return DEFINES_DEL
    try:
        object.__new__(cls)
    except TypeError:
        return HAS_C_STATE
    # Besides its slots, an instance has a pointer to its dictionary and one to its weak references.
    size = object.__basicsize__ + (2 + slot_count) * calcsize("P")
    return HAS_C_STATE if cls.__basicsize__ > size else None


def copy_slots(original: object, copied: object, copy: Callable[[Any], Any]) -> None:
    """Give `copied` what `original` has in the slots of their class, passed through `copy`."""
    cls = type(original)
    for slot in ClassLayout.of(cls).slots:
        try:
            item = slot.__get__(original, cls)
        except AttributeError:  # it has never been set
            continue
        slot.__set__(copied, copy(item))
