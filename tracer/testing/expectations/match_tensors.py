"""Pairs the selected tensors with their expected shapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tracer.notation import (
    NotationError,
    ShapePattern,
    Signature,
    Term,
    VariadicAxes,
    parse_shapes,
    shape_text,
)
from tracer.notation.terms import summands, term_text
from tracer.record import Trace, Value
from tracer.testing.expectations.keys import parse_key
from tracer.testing.expectations.select_tensors import NotFound, TensorGroup, TensorSelector

Expected = Mapping[str, str | Sequence[str]]
"""The shapes of tensors, by a key that selects the tensors."""


@dataclass(frozen=True, slots=True)
class ExpectedTensor:
    """A tensor and its expected shape; `key` is as the user wrote it."""

    key: str
    label: str
    shape: ShapePattern
    value: Value


@dataclass(frozen=True, slots=True)
class MissingTensor:
    """The tensor of an expectation does not exist, or there are not as many as shapes."""

    key: str
    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class ExpectedGroup:
    """Tensors that belong together, such as the inputs of a block, and their expected shapes."""

    label: str
    noun: str
    shapes: tuple[ShapePattern, ...]
    values: tuple[Value, ...]


def expected_tensors(trace: Trace, expected: Expected) -> Iterator[ExpectedTensor | MissingTensor]:
    """Yield every selected tensor with its expected shape, in the order of the expectations.

    Raises:
        NotationError: A shape does not follow the notation, or has an arrow although the tensor is
            not the output of a block.
        TypeError: A key or a shape is not a string.
    """
    selector = TensorSelector(trace)
    for key, text in _checked_items(expected):
        try:
            signature = parse_shapes(text)
            selected = selector.select(parse_key(key))
            groups = () if isinstance(selected, NotFound) else selected
            pairs = [pair for group in groups for pair in _with_shapes(group, signature)]
        except NotationError as error:
            raise NotationError(f"{key}: {error}") from None
        if isinstance(selected, NotFound):
            yield MissingTensor(key, key, selected.reason)
        for pair in pairs:
            yield from _tensors_of(key, pair)


def _checked_items(expected: Expected) -> Iterator[tuple[str, str | Sequence[str]]]:
    """The items, all of them strings. Raises TypeError for anything else, as a torch.Size."""
    if not isinstance(expected, Mapping):
        raise TypeError(f'expected a dict such as {{"out:": "b 3 h w"}}, not {expected!r}')
    for key, text in expected.items():
        if not isinstance(key, str):
            raise TypeError(f'expected a string such as "down.0" as key, not {key!r}')
        texts = [text] if isinstance(text, str) or not isinstance(text, Sequence) else text
        if not all(isinstance(one, str) for one in texts):
            raise TypeError(f'{key}: expected a string such as "b 128 h w" as shape, not {text!r}')
        yield key, text


def _with_shapes(group: TensorGroup, signature: Signature) -> Iterator[ExpectedGroup]:
    inputs, sources = signature.inputs, group.sources
    if inputs is not None and sources is None:
        raise NotationError("this key selects no operation with inputs; remove the arrow.")
    if group.joined and inputs is None:
        inputs = _operand_shapes(signature.outputs[0], len(sources or ()))
    if inputs is not None:
        noun = "operand" if group.joined else "input"
        yield ExpectedGroup(group.label, noun, inputs, sources or ())
    yield ExpectedGroup(group.label, group.noun, signature.outputs, group.tensors)


def _operand_shapes(result: ShapePattern, count: int) -> tuple[ShapePattern, ...] | None:
    """The shapes of the operands of a concatenation, if its result has a sum of `count` terms."""
    for number, axis in enumerate(result.axes):
        parts = [] if isinstance(axis, VariadicAxes) else summands(axis)
        if len(parts) == count > 1:
            return tuple(_with_axis(result, number, part) for part in parts)
    return None


def _with_axis(shape: ShapePattern, number: int, term: Term) -> ShapePattern:
    """The shape with another term on one axis."""
    axes = (*shape.axes[:number], term, *shape.axes[number + 1 :])
    text = " ".join(
        axis.text if isinstance(axis, VariadicAxes) else term_text(axis) for axis in axes
    )
    return replace(shape, axes=axes, text=f"{text}, of {shape.text}")


def _tensors_of(key: str, group: ExpectedGroup) -> Iterator[ExpectedTensor | MissingTensor]:
    if len(group.shapes) != len(group.values):
        found = ", ".join(shape_text(value.shape, value.dtype) for value in group.values)
        expected = _counted(len(group.shapes), group.noun)
        reason = f"{expected} expected, {len(group.values)} found: {found}{_comma_hint(group)}"
        yield MissingTensor(key, group.label, reason)
        return
    for number, (shape, value) in enumerate(zip(group.shapes, group.values, strict=True)):
        yield ExpectedTensor(key, _label(group, number), shape, value)


def _comma_hint(group: ExpectedGroup) -> str:
    """A hint for one shape that was probably written as several."""
    split = len(group.values) == 1 and all(len(shape.axes) == 1 for shape in group.shapes)
    return ". Commas separate tensors; separate the axes by spaces" if split else ""


def _label(group: ExpectedGroup, number: int) -> str:
    """The name of a tensor within its group; an input of the model has its own."""
    if group.noun == "input" and group.label in {"in:", "out:"}:
        return f"in: {group.values[number].name}"
    numbered = len(group.values) > 1 or group.noun in {"operand", "input"}
    return f"{group.label}, {group.noun} {number}" if numbered else group.label


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
