"""Compares the shapes in notes, ``"b 2*c h/2 w/2"``, with traced ones; see `tracer.notation`.

A name stands for one size in all shapes of a note. ``_`` is any size, ``...`` any number of sizes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tracer.algebra.polynomial import Formula, as_dim, from_dim
from tracer.notation import NotationError, SizeName, Term, laid_out, parse_shape
from tracer.notation.terms import names, term_text, value_of
from tracer.record import Dim, Value
from tracer.render import number_format


def shape_differences(shapes: Mapping[str, str], values: Mapping[str, Value]) -> Iterator[str]:
    """Yields what differs between the shapes in a note and the traced tensors.

    A name is bound to a size where it first stands alone.

    Args:
        shapes: The shapes in the note, by the name of the local variable.
        values: The traced tensors, by the same names.

    Raises:
        NotationError: A shape cannot be parsed, or a name in it is never bound.

    Example:
        >>> x, y = Value("x", (1, 8, 4), "float32"), Value("y", (1, 8, 2), "float32")
        >>> list(shape_differences({"x": "b c h", "y": "b c h/2"}, {"x": x, "y": y}))
        []
        >>> list(shape_differences({"x": "b c c"}, {"x": x}))
        ["x is 'b c c' with c = 8, but was traced as 1×8×4"]
    """
    sizes: dict[str, Formula] = {}
    axes: list[tuple[str, Term, Dim]] = []
    for name, text in shapes.items():
        pattern = laid_out(parse_shape(text), values[name].shape)
        if pattern is None:
            yield f"{name} is {text!r}, but was traced as {number_format.shape_of(values[name])}"
            continue
        for term, _, size in pattern.cells:
            if isinstance(term, SizeName) and term.binds:
                sizes.setdefault(term.name, from_dim(size))
            if not isinstance(term, SizeName) or term.binds:
                axes.append((name, term, size))
    for name, term, size in axes:
        expected = as_dim(_value(term, sizes))
        if expected != size:
            traced = number_format.shape_of(values[name])
            equation = f"{term_text(term)} = {expected}"
            yield f"{name} is {shapes[name]!r} with {equation}, but was traced as {traced}"


def _value(term: Term, sizes: Mapping[str, Formula]) -> Formula:
    """The size that a term stands for, a number or a formula."""
    unbound = next((each.name for each in names(term) if each.name not in sizes), None)
    if unbound is not None:
        raise NotationError(
            f"{unbound!r} is used only in arithmetic; write it alone on one axis, too."
        )
    try:
        size = value_of(term, sizes)
    except (ArithmeticError, ValueError):
        size = None
    if size is None:
        raise NotationError(f"{term_text(term)!r} is not a size.")
    return size
