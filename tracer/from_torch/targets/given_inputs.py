"""The inputs that a Python caller gives a model: tensors, shapes in their place, or nothing.

A shape is a tuple of whole numbers. What the caller leaves out is proposed as for the command.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from torch import Size, Tensor, nn

from tracer.errors import TraceError, shortened
from tracer.from_torch.capture.model_call import Inputs, named_inputs, uncompiled
from tracer.from_torch.capture.pytree import tensors_in
from tracer.from_torch.targets.constructor_args import SEQUENCES, Argument, arguments_of
from tracer.from_torch.targets.infer_inputs import ROLES, UnknownShapeError, inferred_inputs
from tracer.from_torch.targets.input_candidates import (
    VARIADIC,
    ForwardArguments,
    InputCandidate,
    candidate_inputs,
)
from tracer.from_torch.targets.model_hints import hints_of
from tracer.option_text.input_text import SHAPE_PATTERN, TensorSpelling

FORMS = (
    "a tensor, a shape such as (1, 3, 64, 64), a tuple of these, or a dict of these by the names "
    "of the arguments"
)


def given_candidates(model: nn.Module, inputs: Inputs | None) -> tuple[InputCandidate, ...]:
    """Return the inputs to try, the likeliest first.

    Args:
        model: The model.
        inputs: A tensor or a shape (one positional argument), a tuple or a list (positional
            arguments), a dict (keywords), or None. Where no tensor is given, every tuple of whole
            numbers is a shape; beside a tensor it is one if the argument is known to be a tensor.
            Required arguments that are missing are proposed where their shape can be inferred.
            Optional ones stay out, as in a call of the model with these inputs.

    Raises:
        TraceError: `inputs` are something else, or none are given and none can be inferred.

    >>> model = nn.Conv2d(3, 8, 3)
    >>> given_candidates(model, (2, 3, 16, 16))[0].inputs[0].shape
    torch.Size([2, 3, 16, 16])
    >>> given_candidates(model, None)[0].assumed
    ('--input input=1x3x64x64:float32 (channels of the model itself; default size, ...)',)
    """
    module = uncompiled(model)
    if inputs is None:
        try:
            return tuple(candidate_inputs(module, {}, None))
        except UnknownShapeError as error:
            raise TraceError(error.advice_in_python) from error
    if isinstance(inputs, tuple) and inputs and all(map(_is_size, inputs)):
        inputs = (inputs,)
    if not isinstance(inputs, Tensor | tuple | list | Mapping):
        raise TraceError(f"inputs is of type {type(inputs).__name__}: give {FORMS}.")
    return _completed(module, inputs)


def _completed(module: nn.Module, inputs: Inputs) -> tuple[InputCandidate, ...]:
    """The inputs as tensors, with proposals for required ones that are missing."""
    given = named_inputs(module, inputs)
    arguments = arguments_of(module.forward)
    spelled = _with_spellings(given, arguments)
    missing = [one for one in arguments if one.required and one.name not in given]
    if spelled is given and not missing:
        return (InputCandidate(inputs, left_out=_left_out(arguments, given)),)
    form = ForwardArguments(hints_of(module), arguments, {})
    tensors = form.to_tensors(spelled)
    try:
        inferred = tuple(inferred_inputs(form.hints, missing, tensors)) if missing else ()
    except UnknownShapeError:  # the model says itself which argument it misses
        inferred = ()
    if inferred:
        return tuple(form.candidate(tensors, one) for one in inferred)
    named = isinstance(inputs, Mapping)
    completed = tensors if named else tuple(tensors.values())
    return (InputCandidate(completed, left_out=_left_out(arguments, given)),)


def _left_out(arguments: Sequence[Argument], given: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        one.name for one in arguments if one.kind not in VARIADIC and one.name not in given
    )


def _with_spellings(given: Mapping[str, Any], arguments: Sequence[Argument]) -> Mapping[str, Any]:
    """The inputs with a `TensorSpelling` for each shape; the same object if there is none."""
    known = {one.name: one for one in arguments}
    beside_tensors = any(True for _ in tensors_in(given, objects=False))

    def spelled(name: str, item: Any, argument: Argument | None) -> Any:
        if isinstance(item, Mapping):
            return {key: spelled(f"{name}.{key}", one, None) for key, one in item.items()}
        if type(item) in {list, tuple} and not all(isinstance(one, int | float) for one in item):
            parts = (spelled(f"{name}.{number}", one, None) for number, one in enumerate(item))
            return type(item)(parts)
        may_be_shape = _takes_tensors(argument) if beside_tensors else not _takes_sequence(argument)
        if may_be_shape and type(item) in {tuple, Size}:
            return _spelling(name, item)
        if not beside_tensors and isinstance(item, str):
            _refuse_text(name, item)
        return item

    found = {name: spelled(name, item, known.get(name)) for name, item in given.items()}
    return found if any(map(_holds_spelling, found.values())) else given


def _spelling(name: str, item: tuple[Any, ...]) -> TensorSpelling:
    """The tensor that a shape stands for. Raises TraceError for numbers that are no sizes."""
    if not all(map(_is_size, item)):
        raise TraceError(
            f"{name} = {shortened(str(item))} is not a shape: sizes are whole numbers, 0 or more."
        )
    return TensorSpelling(item, None)


def _refuse_text(name: str, text: str) -> None:
    """Raise TraceError for a shape as the command line has it."""
    sizes = text.strip().partition(":")[0]
    if "x" in sizes and SHAPE_PATTERN.fullmatch(sizes):
        shape = tuple(map(int, re.findall(r"\d+", sizes)))
        raise TraceError(f'{name} = "{shortened(text)}" is a text: give the shape as {shape}.')


def _holds_spelling(item: Any) -> bool:
    if isinstance(item, Mapping):
        return any(map(_holds_spelling, item.values()))
    if isinstance(item, list | tuple):
        return any(map(_holds_spelling, item))
    return isinstance(item, TensorSpelling)


def _is_size(item: Any) -> bool:
    return isinstance(item, int) and not isinstance(item, bool) and item >= 0


def _takes_tensors(argument: Argument | None) -> bool:
    """Whether an argument is known to be a tensor, by its annotation or its name."""
    if argument is None or _takes_sequence(argument):
        return False
    return Tensor in argument.types or (not argument.annotated and argument.name in ROLES)


def _takes_sequence(argument: Argument | None) -> bool:
    """Whether an argument is known to be a tuple or a list of plain values."""
    if argument is None or Tensor in argument.types:
        return False
    return not argument.types.isdisjoint(SEQUENCES)
