"""Recursive-descent parser of the shape notation.

signature := [shapes "->"] shapes
shapes    := shape ("," shape)*
shape     := axes | [dtype] "[" axes "]"
axes      := (sum | "..." | "*" name)*         separated by spaces
sum       := product (("+" | "-") product)*    without spaces
product   := atom (("*" | "/") atom)*
atom      := integer | name | "(" sum* ")"     spaces in parentheses multiply, as in einops
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tracer.errors import closest_name, shortened
from tracer.notation.dtypes import dtypes_named, known_dtypes
from tracer.notation.scanner import NotationError, Scanner
from tracer.notation.shape_pattern import ShapePattern, Signature, VariadicAxes
from tracer.notation.terms import Operator, SizeName, SizeNumber, SizeOperation, Term

SPACES = r"\s*"
NAME_PATTERN = r"[^\W\d]\w*"
END_OF_AXIS = r"\s|$|[\],)]|->"
MAX_SIZE_DIGITS: Final = 18
MAX_NESTED_PARENTHESES: Final = 32
MAX_OPERATORS: Final = 64
"""Of one axis. Terms are trees that several functions descend into."""
MAX_AXES: Final = 64
OPERATORS: dict[str, Operator] = {"+": "+", "-": "-", "*": "*", "·": "*", "/": "/"}


def parse_shapes(text: str | Sequence[str]) -> Signature:
    """Parse the shapes of several tensors.

    Args:
        text: Shapes separated by commas, with an optional arrow between inputs and outputs; or a
            sequence of texts with one shape each.

    Returns:
        The shapes of the outputs, and of the inputs if there is an arrow.

    Raises:
        NotationError: The text does not follow the notation.

    >>> signature = parse_shapes("b c1 h w, b c2 h w -> b c1+c2 h w")
    >>> [shape.text for shape in signature.inputs]
    ['b c1 h w', 'b c2 h w']
    >>> [shape.rank for shape in signature.outputs]
    [4]
    """
    if not isinstance(text, str):
        return Signature(tuple(parse_shape(one) for one in text))
    scanner = Scanner(text)
    shapes = _shapes(scanner)
    signature = Signature(_shapes(scanner), shapes) if scanner.take("->") else Signature(shapes)
    if not scanner.at_end:
        raise scanner.error(_hint(scanner))
    return signature


def parse_shape(text: str) -> ShapePattern:
    """Parse the shape of one tensor.

    Args:
        text: One shape, such as ``"b 4*c h/2 w/2"`` or ``"f32[b ... 3]"``.

    Returns:
        The pattern: one term per axis, and the dtypes that are allowed.

    Raises:
        NotationError: The text does not follow the notation, or describes several tensors.

    >>> from tracer.notation.terms import term_text
    >>> shape = parse_shape("b 4*c h/2 w/2")
    >>> [term_text(term) for term in shape.axes]
    ['b', '4*c', 'h/2', 'w/2']
    >>> parse_shape("b 4c")
    Traceback (most recent call last):
    tracer.notation.scanner.NotationError: Invalid shape "b 4c" at "4c": write a product as 4*c.
    """
    signature = parse_shapes(text)
    if len(signature.outputs) != 1 or signature.inputs is not None:
        raise NotationError(
            f'"{shortened(text)}" describes several tensors; exactly one is expected.'
        )
    return signature.outputs[0]


def _shapes(scanner: Scanner) -> tuple[ShapePattern, ...]:
    shapes = [_shape(scanner)]
    while scanner.take(","):
        shapes.append(_shape(scanner))
    return tuple(shapes)


def _shape(scanner: Scanner) -> ShapePattern:
    scanner.take(SPACES)
    start = scanner.position
    dtypes: frozenset[str] = frozenset()
    if scanner.sees(rf"({NAME_PATTERN})?\["):
        dtypes = _dtypes(scanner)
        axes = _axes(scanner)
        if scanner.take(r"\]") is None:
            raise scanner.error('a "]" is missing' if scanner.at_end else _hint(scanner))
    else:
        axes = _axes(scanner)
        if not axes and scanner.text.strip():
            raise scanner.error("a shape is missing; a tensor without axes is []")
    text = scanner.text[start : scanner.position].strip()
    scanner.take(SPACES)
    if sum(isinstance(axis, VariadicAxes) for axis in axes) > 1:
        raise NotationError(
            f'Invalid shape "{shortened(text)}": at most one axis may be "..." or "*name".'
        )
    return ShapePattern(axes, dtypes, text)


def _dtypes(scanner: Scanner) -> frozenset[str]:
    name = scanner.take(NAME_PATTERN)
    dtypes: frozenset[str] | None = frozenset()
    if name is not None:
        dtypes = dtypes_named(name)
    if dtypes is None:
        closest = closest_name(name or "", known_dtypes())
        hint = f'did you mean "{closest}"' if closest else "use for example f32, bf16, i64 or float"
        scanner.position = 0
        raise scanner.error(f'unknown dtype "{shortened(name or "")}"; {hint}')
    scanner.take(r"\[")
    return dtypes


def _axes(scanner: Scanner) -> tuple[Term | VariadicAxes, ...]:
    axes: list[Term | VariadicAxes] = []
    scanner.take(SPACES)
    while not scanner.at_end and not scanner.sees(r"[\],]|->"):
        if len(axes) == MAX_AXES:
            raise scanner.error(f"a shape has at most {MAX_AXES} axes")
        scanner.operators = 0
        axes.append(_axis(scanner))
        if not scanner.sees(END_OF_AXIS):
            raise scanner.error(_hint(scanner))
        scanner.take(SPACES)
    return tuple(axes)


def _axis(scanner: Scanner) -> Term | VariadicAxes:
    if scanner.take(r"\.\.\."):
        return VariadicAxes()
    if scanner.sees(rf"\*{NAME_PATTERN}"):
        return VariadicAxes((scanner.take(rf"\*{NAME_PATTERN}") or "")[1:])
    return _sum(scanner)


def _sum(scanner: Scanner) -> Term:
    term = _product(scanner)
    while scanner.sees(r"\+|-(?!>)"):
        operator = _operator(scanner, r"[+-]")
        term = SizeOperation(operator, term, _product(scanner))
    return term


def _product(scanner: Scanner) -> Term:
    term = _atom(scanner)
    while scanner.sees(r"[*·/](?![*/])"):
        operator = _operator(scanner, r"[*·/]")
        term = SizeOperation(operator, term, _atom(scanner))
    return term


def _operator(scanner: Scanner, pattern: str) -> Operator:
    operator = OPERATORS[scanner.take(pattern) or ""]
    _count_operator(scanner)
    return operator


def _count_operator(scanner: Scanner) -> None:
    scanner.operators += 1
    if scanner.operators > MAX_OPERATORS:
        raise scanner.error(f"an axis has at most {MAX_OPERATORS} operators")


def _atom(scanner: Scanner) -> Term:
    if scanner.take(r"\("):
        return _parentheses(scanner)
    number = scanner.take(r"\d+(?!\w)")
    if number is not None:
        if len(number) > MAX_SIZE_DIGITS:
            scanner.position -= len(number)
            raise scanner.error(f"a size has at most {MAX_SIZE_DIGITS} digits")
        return SizeNumber(int(number))
    name = scanner.take(NAME_PATTERN)
    if name is None:
        raise scanner.error(_hint(scanner))
    return SizeName(name)


def _parentheses(scanner: Scanner) -> Term:
    """Parse up to the closing parenthesis: the product of the sums inside, 1 if there is none."""
    product: Term | None = None
    scanner.nesting += 1
    if scanner.nesting > MAX_NESTED_PARENTHESES:
        raise scanner.error(f"at most {MAX_NESTED_PARENTHESES} parentheses are nested")
    scanner.take(SPACES)
    while not scanner.take(r"\)"):
        if scanner.at_end:
            raise scanner.error('a ")" is missing')
        term = _sum(scanner)
        if product is not None:
            _count_operator(scanner)
        product = term if product is None else SizeOperation("*", product, term)
        if not scanner.sees(r"\s|\)|$"):
            raise scanner.error(_hint(scanner))
        scanner.take(SPACES)
    scanner.nesting -= 1
    return SizeNumber(1) if product is None else product


HINTS = (
    ("->", "only one arrow is allowed"),
    (r"\d+[x×]\d", "separate the axes by spaces, as in 1 128 32 32"),
    (",", "commas separate tensors; separate the axes by spaces, as in 1 128 32 32"),
    (r"\{", "use an f-string to insert a number"),
    ("//", "division is exact, so write h/2"),
    (r"\*\*|%", "the operators are + - * and exact /"),
    ("×", "separate the axes by spaces, as in 1 128 32 32"),
    (r"\d+[^\W\d]", "write a product as 4*c"),
    (r"[+\-*·/]", "write arithmetic without spaces, as in c1+c2"),
    (r"#", "broadcast axes are not supported; a trace records every tensor's own shape"),
    (r"\.", 'write "..." for any number of axes'),
)


def _hint(scanner: Scanner) -> str:
    """What to write instead of the text at the scanner's position."""
    return next((hint for pattern, hint in HINTS if scanner.sees(pattern)), "a size is missing")
