"""The text in a diagram, in ASCII, and how wide it is.

Widths are computed here and not by Graphviz, so that a diagram is the same whatever fonts a machine
has. They are those of Helvetica, rounded up to leave space for wider fonts.
"""

from __future__ import annotations

import re

import graphviz

from tracer.analysis.levels.unit_graph import Unit
from tracer.escapes import readable, shortened
from tracer.record import Value
from tracer.render import number_format

NARROW_LETTERS = frozenset("fijlrtI.,:;'|!()[]{} /-")
WIDE_LETTERS = frozenset("mwMWGOQD@%")
ENTITY = re.compile(r"&(?=#?\w+;)")
"""What Graphviz takes for the start of a character reference, such as ``&#27;``."""
LONGEST_LINE = 60
"""The most characters of a line in a box; more are shortened in the middle."""


def shape(value: Value) -> str:
    """Return a shape in ASCII: ``1x128x32x32``, ``Bx128xH/2xW/2``, or ``scalar``."""
    return _ascii(number_format.close_sizes_of(value.shape)) or "scalar"


def sizes(plane: tuple[int | str, ...]) -> str:
    """Return spatial sizes in ASCII: ``32x32``."""
    return _ascii(number_format.close_sizes_of(plane))


def _ascii(text: str) -> str:
    for sign, ascii_sign in (("×", "x"), ("·", "*"), ("²", "^2"), ("³", "^3")):
        text = text.replace(sign, ascii_sign)
    return text


def node_lines(unit: Unit, *, shapes: bool = True) -> tuple[str, ...]:
    """Return the lines in the box of a unit: its label, then its class and output shape.

    Args:
        unit: The unit.
        shapes: Whether the second line has the shape.
    """
    shown = (unit.outputs or unit.inputs)[:shapes]
    parts = (unit.block.kind if unit.block else "", *map(shape, shown))
    details = "  ".join(filter(None, parts))
    lines = (unit.label, details) if details else (unit.label,)
    return tuple(shortened(line, LONGEST_LINE) for line in lines)


def dot_text(*lines: str) -> str:
    r"""Return lines of text for Graphviz, which takes nothing in them for markup or an escape.

    It has no way to write an entity as text that all its versions understand, so the start of one
    becomes an escape.

    >>> print(dot_text(r"a\x1b", "b & c", "&#27;"))
    a\\x1b\nb & c\n\\x26#27;
    """
    texts = (ENTITY.sub(r"\\x26", readable(line)) for line in lines)
    text: str = graphviz.nohtml(r"\n".join(map(graphviz.escape, texts)))
    return text


def tooltip(unit: Unit) -> str:
    """Return a unit in one line: label, class, input and output shapes."""
    kind = f"{unit.block.kind}, " if unit.block else ""
    ends = (", ".join(map(shape, values)) for values in (unit.inputs, unit.outputs) if values)
    return f"{unit.label}: {kind}{' -> '.join(ends)}"


def text_width(lines: tuple[str, ...], font_size: float) -> float:
    """Return the width in points of the longest of some lines, in a font of that many points.

    >>> text_width(("conv", "up"), 10)
    24.0
    """
    return max((sum(map(_letter_width, line)) for line in lines), default=0) * font_size / 100


def identifier(name: str) -> str:
    """Return an id for a name: ``n_``, then its letters, digits and underscores."""
    return "n_" + dot_name(name)


def dot_name(name: str) -> str:
    """Return a name with everything but letters, digits and underscores replaced.

    >>> dot_name("mid.attn_1@1")
    'mid_attn_1_1'
    """
    return re.sub(r"\W", "_", name, flags=re.ASCII)


def _letter_width(letter: str) -> int:
    """The width of a letter in hundredths of the font size.

    Sums of fractions end in other digits from Python 3.12 on, and drawings would differ.
    """
    if letter in NARROW_LETTERS:
        return 36
    return 90 if letter in WIDE_LETTERS else 72 if letter.isupper() else 60
