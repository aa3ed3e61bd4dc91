"""The small values in the local variables of a running function, as texts: ``i_level`` is "1".

A value is small if its type is exactly that of a number, a string, a bool or None, or if it is a
short tuple or list of these. No other object of the model is held or asked for anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import NoneType
from typing import Any

from torch import Size

from tracer.escapes import shortened, visible

SetTexts = tuple[tuple[str, str], ...]
"""Local variables and the texts of their values."""

SCALARS = frozenset((int, float, bool, NoneType, str))
BRACKETS_OF = {tuple: ("(", ")"), Size: ("(", ")"), list: ("[", "]")}
"""The types of tuples and lists, with their brackets."""

OBJECT = object()
"""Stands for an object that is not held."""

MAX_ITEMS = 8
MAX_STRING = 40
MAX_BITS = 64
"""The longest number that is shown, in bits."""

OTHER = ""
"""The text of a variable with another value, or with none."""
HOLDS_TENSOR = "a tensor"
"""The text of a variable with a tensor, which is shown elsewhere."""


class SmallValues:
    """The texts of variables, and which of them the trace does not show yet."""

    def __init__(self) -> None:
        self._shown: dict[str, str] = {}
        self._held: dict[str, Any] = {}
        """The scalars that variables hold now, and `OBJECT` for another object that took the place
        of something shown. While a scalar is here, its id is not used again, so that a variable
        with the same id has the same value."""
        self._sequences: set[str] = set()
        """The variables with a tuple or list, which may change without the variable being set."""
        self._changed: set[str] = set()

    def look_at(self, name: str, found: Any) -> None:
        """Remember what a variable without a tensor of the trace holds now."""
        kind = type(found)
        if kind in SCALARS:
            self._held[name] = found
        elif kind in BRACKETS_OF or name in self._held or name in self._shown:
            self._held[name] = OBJECT
        else:  # most objects, such as `self`
            return
        self._changed.add(name)
        if kind in BRACKETS_OF:
            self._sequences.add(name)
        else:
            self._sequences.discard(name)

    def pass_over(self, name: str) -> None:
        """Remember that a variable holds a tensor of the trace now."""
        self._shown[name] = HOLDS_TENSOR
        if name in self._held:
            del self._held[name]
            self._changed.discard(name)
            self._sequences.discard(name)

    def unshown(self, local: Mapping[str, Any]) -> SetTexts:
        """Return the texts that are not those shown last, by name.

        Args:
            local: The variables now.
        """
        if not (self._changed or self._sequences):
            return ()
        names = self._changed | self._sequences
        texts = ((name, self._text(name, local)) for name in sorted(names))
        return tuple((name, text) for name, text in texts if text != self._shown.get(name, OTHER))

    def show(self, texts: SetTexts) -> None:
        """Remember that the trace shows these texts, and so all that changed."""
        self._changed.clear()
        self._shown.update(texts)

    def _text(self, name: str, local: Mapping[str, Any]) -> str:
        if name in self._sequences:
            return text_of_sequence(local[name])
        found = self._held[name]
        return OTHER if found is OBJECT else text_of_scalar(found)


def text_of_scalar(value: Any) -> str:
    r"""Return a number, a bool, None or a string as Python writes it; a long string is shortened.

    >>> print(text_of_scalar(0.5), text_of_scalar("near\x1best"), [text_of_scalar(1 << 99)])
    0.5 'near\x1best' ['']
    """
    if type(value) is str:
        literal = shortened(value, MAX_STRING).replace("\\", "\\\\").replace("'", "\\'")
        return f"'{visible(literal)}'"
    if type(value) is int and value.bit_length() > MAX_BITS:
        return OTHER
    return str(value)


def text_of_sequence(items: Iterable[Any]) -> str:
    """Return a short tuple or list of scalars as Python writes it; `OTHER` for another one.

    >>> text_of_sequence(Size((1, 128))), text_of_sequence([None]), text_of_sequence([[]])
    ('(1, 128)', '[None]', '')
    """
    kind = type(items)
    found: list[str] = []
    for item in items:
        if len(found) == MAX_ITEMS or type(item) not in SCALARS:
            return OTHER
        found.append(text_of_scalar(item))
    if OTHER in found:
        return OTHER
    opening, closing = BRACKETS_OF[kind]
    comma = "," if len(found) == 1 and kind is not list else ""
    return f"{opening}{', '.join(found)}{comma}{closing}"
