"""The words of a picture, in ASCII, and how much room they take.

Room is reckoned here and not by the renderer, so that a picture is the same whatever fonts a
machine has. It is reckoned for Helvetica with something to spare, for a wider face.
"""

from __future__ import annotations

import re

from tracer.analysis.levels.unit_graph import Unit
from tracer.record import Value
from tracer.render import number_format

NARROW, WIDE_LETTERS = frozenset("fijlrtI.,:;'|!()[]{} /-"), frozenset("mwMWGOQD@%")


def shape(value: Value) -> str:
    """`1x128x32x32`, `Bx128xH/2xW/2`."""
    return _plain(number_format.close_sizes_of(value.shape)) or "scalar"


def sizes(plane: tuple[int | str, ...]) -> str:
    """`32x32`."""
    return _plain(number_format.close_sizes_of(plane))


def _plain(text: str) -> str:
    for sign, ascii_sign in (("×", "x"), ("·", "*"), ("²", "^2"), ("³", "^3")):
        text = text.replace(sign, ascii_sign)
    return text


def lines(unit: Unit, *, shapes: bool = True) -> tuple[str, ...]:
    """What stands in the box of a unit: where it is in the model, then its class and its shape."""
    made = (unit.outputs or unit.inputs)[:shapes]
    words = (unit.block.kind if unit.block else "", *map(shape, made))
    what = "  ".join(filter(None, words))
    return (unit.label, what) if what else (unit.label,)


def spoken(unit: Unit) -> str:
    """The whole of a unit in one line: what it is, what it takes, what it puts out."""
    kind = f"{unit.block.kind}, " if unit.block else ""
    ends = (", ".join(map(shape, values)) for values in (unit.inputs, unit.outputs) if values)
    return f"{unit.label}: {kind}{' -> '.join(ends)}"


def room(texts: tuple[str, ...], size: float) -> float:
    """The width in points of the longest of some lines in a font of this size."""
    return max((sum(map(_width, text)) * size for text in texts), default=0.0)


def identifier(name: str) -> str:
    """A name as an id: letters, digits and underscores, the first a letter."""
    return "n_" + plain(name)


def plain(name: str) -> str:
    """A name in letters, digits and underscores."""
    return re.sub(r"\W", "_", name, flags=re.ASCII)


def _width(letter: str) -> float:
    if letter in NARROW:
        return 0.36
    return 0.9 if letter in WIDE_LETTERS else 0.72 if letter.isupper() else 0.6
