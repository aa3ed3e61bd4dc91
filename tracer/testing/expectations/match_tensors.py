"""Which tensor has to have which shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tracer.notation import NotationError, ShapePattern, Signature, parse_shapes, shape_text
from tracer.notation.shapes import Many
from tracer.notation.terms import Term, summands, term_text
from tracer.record import Trace, Value
from tracer.testing.expectations.keys import subject_of
from tracer.testing.expectations.select_tensors import Group, Missing, Tensors

Expected = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class ExpectedTensor:
    """A tensor and the shape that it has to have; `key` is as the user wrote it."""

    key: str
    label: str
    shape: ShapePattern
    value: Value


@dataclass(frozen=True, slots=True)
class MissingTensor:
    """What an expectation is about is not there, or not as many tensors as it has shapes."""

    key: str
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class TensorGroup:
    """Tensors that stand side by side, the inputs of a block say, and the shapes for them."""

    label: str
    noun: str
    shapes: tuple[ShapePattern, ...]
    values: tuple[Value, ...]


def paired(trace: Trace, expected: Expected) -> Iterator[ExpectedTensor | MissingTensor]:
    """Every tensor that is meant with its shape, in the order of the expectations.

    Raises NotationError for a text that is no shape, or has an arrow where nothing goes in, and
    TypeError for what is no text at all.
    """
    tensors = Tensors(trace)
    for key, text in _texts(expected):
        try:
            wanted = parse_shapes(text)
            found = tensors.of(subject_of(key))
            groups = () if isinstance(found, Missing) else found
            rows = [row for group in groups for row in _rows(group, wanted)]
        except NotationError as error:
            raise NotationError(f"{key}: {error}") from None
        if isinstance(found, Missing):
            yield MissingTensor(key, key, found.reason)
        for row in rows:
            yield from _of_row(key, row)


def _texts(expected: Expected) -> Iterator[tuple[str, str | Sequence[str]]]:
    """What is expected, as texts. Raises TypeError for anything else, as a torch.Size."""
    if not isinstance(expected, Mapping):
        raise TypeError(f'a dict is expected, such as {{"out:": "b 3 h w"}}, and not {expected!r}')
    for key, text in expected.items():
        if not isinstance(key, str):
            raise TypeError(f'a key is a text, such as "down.0", and not {key!r}')
        texts = [text] if isinstance(text, str) or not isinstance(text, Sequence) else text
        if not all(isinstance(one, str) for one in texts):
            raise TypeError(f'{key}: a shape is a text, such as "b 128 h w", and not {text!r}')
        yield key, text


def _rows(group: Group, wanted: Signature) -> Iterator[TensorGroup]:
    inputs, sources = wanted.inputs, group.sources
    if inputs is not None and sources is None:
        raise NotationError("nothing goes in here, so an arrow means nothing.")
    if group.joined and inputs is None:
        inputs = _operands(wanted.outputs[0], len(sources or ()))
    if inputs is not None:
        yield TensorGroup(
            group.label, "operand" if group.joined else "input", inputs, sources or ()
        )
    yield TensorGroup(group.label, group.noun, wanted.outputs, group.tensors)


def _operands(result: ShapePattern, count: int) -> tuple[ShapePattern, ...] | None:
    """What a sum in the result of a concatenation says of its operands: one summand for each."""
    for place, axis in enumerate(result.axes):
        parts = [] if isinstance(axis, Many) else summands(axis)
        if len(parts) == count > 1:
            return tuple(_with(result, place, part) for part in parts)
    return None


def _with(shape: ShapePattern, place: int, term: Term) -> ShapePattern:
    """The shape with another term on one axis."""
    axes = (*shape.axes[:place], term, *shape.axes[place + 1 :])
    text = " ".join(axis.text if isinstance(axis, Many) else term_text(axis) for axis in axes)
    return replace(shape, axes=axes, text=f"{text}, of {shape.text}")


def _of_row(key: str, row: TensorGroup) -> Iterator[ExpectedTensor | MissingTensor]:
    if len(row.shapes) != len(row.values):
        found = ", ".join(shape_text(value.shape, value.dtype) for value in row.values)
        wanted = _counted(len(row.shapes), row.noun)
        reason = f"{wanted} expected, {len(row.values)} found: {found}{_comma(row)}"
        yield MissingTensor(key, row.label, reason)
        return
    for number, (shape, value) in enumerate(zip(row.shapes, row.values, strict=True)):
        yield ExpectedTensor(key, _label(row, number), shape, value)


def _comma(row: TensorGroup) -> str:
    """A hint where one shape was probably written as several."""
    alone = len(row.values) == 1 and all(len(shape.axes) == 1 for shape in row.shapes)
    return ". A comma parts tensors, blanks part axes" if alone else ""


def _label(row: TensorGroup, number: int) -> str:
    """What tells a tensor from the others of its row; an input of the model has a name."""
    if row.noun == "input" and row.label in {"in:", "out:"}:
        return f"in: {row.values[number].name}"
    several = len(row.values) > 1 or row.noun in {"operand", "input"}
    return f"{row.label}, {row.noun} {number}" if several else row.label


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
