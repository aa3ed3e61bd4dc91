"""The grammar of shapes.

signature := [shapes "->"] shapes
shapes    := shape ("," shape)*
shape     := axes | [dtype] "[" axes "]"
axes      := (sum | "..." | "*" name)*         apart by blanks
sum       := product (("+" | "-") product)*    without blanks
product   := atom (("*" | "/") atom)*
atom      := integer | name | "(" sum* ")"     blanks in brackets multiply, as in einops
"""

from __future__ import annotations

from collections.abc import Sequence

from tracer.errors import near
from tracer.notation.dtypes import dtypes_named, known_dtypes
from tracer.notation.reader import NotationError, Reader
from tracer.notation.shapes import Many, ShapePattern, Signature
from tracer.notation.terms import Operator, SizeName, SizeNumber, SizeOperation, Term

BLANKS = r"\s*"
NAME_PATTERN = r"[^\W\d]\w*"
END_OF_AXIS = r"\s|$|[\],)]|->"
OPERATORS: dict[str, Operator] = {"+": "+", "-": "-", "*": "*", "·": "*", "/": "/"}


def parse_shapes(text: str | Sequence[str]) -> Signature:
    """The shapes that a text names; a sequence of texts has one shape each.

    Raises NotationError for a text that is none.
    """
    if not isinstance(text, str):
        return Signature(tuple(parse_shape(one) for one in text))
    reader = Reader(text)
    shapes = _shapes(reader)
    found = Signature(_shapes(reader), shapes) if reader.take("->") else Signature(shapes)
    if not reader.done:
        raise reader.error(_hint(reader))
    return found


def parse_shape(text: str) -> ShapePattern:
    """The one shape that a text names. Raises NotationError for any other text."""
    found = parse_shapes(text)
    if len(found.outputs) != 1 or found.inputs is not None:
        raise NotationError(f'"{text}" names several tensors, where one is meant.')
    return found.outputs[0]


def _shapes(reader: Reader) -> tuple[ShapePattern, ...]:
    found = [_shape(reader)]
    while reader.take(","):
        found.append(_shape(reader))
    return tuple(found)


def _shape(reader: Reader) -> ShapePattern:
    reader.take(BLANKS)
    start = reader.at
    dtypes: frozenset[str] = frozenset()
    if reader.sees(rf"({NAME_PATTERN})?\["):
        dtypes = _dtypes(reader)
        axes = _axes(reader)
        if reader.take(r"\]") is None:
            raise reader.error(_hint(reader) if not reader.done else 'a "]" is missing')
    else:
        axes = _axes(reader)
        if not axes and reader.text.strip():
            raise reader.error("a shape is missing; a tensor without axes is []")
    text = reader.text[start : reader.at].strip()
    reader.take(BLANKS)
    if sum(isinstance(axis, Many) for axis in axes) > 1:
        raise NotationError(f'"{text}" is no shape: only one axis may be "..." or "*name".')
    return ShapePattern(axes, dtypes, text)


def _dtypes(reader: Reader) -> frozenset[str]:
    name = reader.take(NAME_PATTERN)
    found: frozenset[str] | None = frozenset()
    if name is not None:
        found = dtypes_named(name)
    if found is None:
        nearest = near(name or "", known_dtypes())
        hint = f'did you mean "{nearest}"' if nearest else "write f32, bf16, i64 or float, for some"
        reader.at = 0
        raise reader.error(f'"{name}" is no dtype; {hint}')
    reader.take(r"\[")
    return found


def _axes(reader: Reader) -> tuple[Term | Many, ...]:
    found: list[Term | Many] = []
    reader.take(BLANKS)
    while not reader.done and not reader.sees(r"[\],]|->"):
        found.append(_axis(reader))
        if not reader.sees(END_OF_AXIS):
            raise reader.error(_hint(reader))
        reader.take(BLANKS)
    return tuple(found)


def _axis(reader: Reader) -> Term | Many:
    if reader.take(r"\.\.\."):
        return Many()
    if reader.sees(rf"\*{NAME_PATTERN}"):
        return Many((reader.take(rf"\*{NAME_PATTERN}") or "")[1:])
    return _sum(reader)


def _sum(reader: Reader) -> Term:
    term = _product(reader)
    while reader.sees(r"\+|-(?!>)"):
        operator = OPERATORS[reader.take(r"[+-]") or ""]
        term = SizeOperation(operator, term, _product(reader))
    return term


def _product(reader: Reader) -> Term:
    term = _atom(reader)
    while reader.sees(r"[*·/](?![*/])"):
        operator = OPERATORS[reader.take(r"[*·/]") or ""]
        term = SizeOperation(operator, term, _atom(reader))
    return term


def _atom(reader: Reader) -> Term:
    if reader.take(r"\("):
        return _brackets(reader)
    number = reader.take(r"\d+(?!\w)")
    if number is not None:
        return SizeNumber(int(number))
    name = reader.take(NAME_PATTERN)
    if name is None:
        raise reader.error(_hint(reader))
    return SizeName(name)


def _brackets(reader: Reader) -> Term:
    """What stands in brackets: a sum, or several that are multiplied; nothing is 1."""
    product: Term | None = None
    reader.take(BLANKS)
    while not reader.take(r"\)"):
        if reader.done:
            raise reader.error('a ")" is missing')
        term = _sum(reader)
        product = term if product is None else SizeOperation("*", product, term)
        if not reader.sees(r"\s|\)|$"):
            raise reader.error(_hint(reader))
        reader.take(BLANKS)
    return SizeNumber(1) if product is None else product


HINTS = (
    ("->", "one arrow is enough"),
    (r"\d+[x×]\d", "write the axes apart by blanks, as in 1 128 32 32"),
    (",", "a comma parts tensors; write the axes apart by blanks, as in 1 128 32 32"),
    (r"\{", "a number of yours is put in by an f-string"),
    ("//", "division is exact, so write h/2"),
    (r"\*\*|%", "there are only + - * and exact /"),
    ("×", "write the axes apart by blanks, as in 1 128 32 32"),
    (r"\d+[^\W\d]", "write a product as 4*c"),
    (r"[+\-*·/]", "write arithmetic without blanks, as in c1+c2"),
    (r"#", "broadcast axes are not known; a trace has each tensor as it is"),
    (r"\.", 'any number of axes is "..."'),
)


def _hint(reader: Reader) -> str:
    """What to write instead of what stands here."""
    return next((hint for pattern, hint in HINTS if reader.sees(pattern)), "a size is missing")
