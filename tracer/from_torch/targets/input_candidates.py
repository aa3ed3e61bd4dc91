"""The inputs to try a model with: those that the user gave, and inferred ones for the rest.

Each inferred input comes with a sentence that says what was assumed and why. For an input that
cannot be inferred, the error shows the ``--input`` to write.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from inspect import Parameter
from typing import Any

import torch
from torch import Tensor, nn

from tracer.errors import TraceError, suggestion
from tracer.from_torch.capture.model_call import Inputs, named_inputs, uncompiled
from tracer.from_torch.targets.constructor_args import Argument, arguments_of
from tracer.from_torch.targets.image_request import NOTHING_ASKED, ImageRequest
from tracer.from_torch.targets.infer_inputs import (
    INTEGER_INPUTS,
    InferredInput,
    inferred_inputs,
    is_unbatched,
)
from tracer.from_torch.targets.model_hints import ModelHints, hints_of
from tracer.option_text.input_text import TensorSpelling, nested, parse_input

VARIADIC = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)


@dataclass(frozen=True, slots=True)
class InputCandidate:
    """Inputs for a model, and a sentence for each thing about them that was assumed.

    `left_out` names the inputs that the model could have been given besides these.
    """

    inputs: Inputs
    assumed: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def assumed_texts(self) -> tuple[str, ...]:
        """The sentences without the option of the command: ``x=1x3x64x64:float32 (...)``."""
        return tuple(one.removeprefix("--input ") for one in self.assumed)

    @property
    def notes_on_failure(self) -> tuple[str, ...]:
        """What a caller from Python has to know of the inputs if the model fails on them."""
        notes = [f"unet-trace: assumed {text}" for text in self.assumed_texts]
        if self.left_out:
            notes.append(f"unet-trace: inputs that were not given: {', '.join(self.left_out)}")
        return tuple(notes)


def candidate_inputs(
    model: nn.Module,
    texts: Mapping[str, str],
    own: Inputs | None,
    asked: ImageRequest = NOTHING_ASKED,
) -> list[InputCandidate]:
    """Return the inputs to try, the likeliest first.

    Args:
        model: The model.
        texts: The inputs that the user gave, as texts by name: ``{"x": "1x3x64x64"}``.
        own: The inputs that came with the model, or None.
        asked: The size and batch size of the inputs that were not given.

    Returns:
        Several candidates where the model does not state its size, otherwise one.

    Raises:
        TraceError: ``forward`` has no input of a name, or an input cannot be inferred.

    >>> candidates = candidate_inputs(nn.Conv2d(3, 8, 3), {"input": "2x3x16x16"}, None)
    >>> [tuple(candidate.inputs["input"].shape) for candidate in candidates[:1]]
    [(2, 3, 16, 16)]
    """
    model = uncompiled(model)
    if own is not None and not texts and asked == NOTHING_ASKED:
        return [InputCandidate(own)]
    arguments = arguments_of(model.forward)
    own_inputs = named_inputs(model, own) if own is not None else {}
    if own is not None and asked != NOTHING_ASKED:
        own_inputs = asked.applied_to(own_inputs)
    form = ForwardArguments(hints_of(model), arguments, own_inputs)
    given = nested({name: parse_input(name, text) for name, text in texts.items()})
    form.require_known(given)
    tensors = form.to_tensors(given)
    if own is not None:
        return [form.candidate(tensors, {})]
    inferences = inferred_inputs(form.hints, form.missing(given), tensors, asked)
    return [form.candidate(tensors, inferred) for inferred in inferences]


class ForwardArguments:
    """The arguments of one ``forward``, and how given and inferred inputs fill them."""

    def __init__(
        self, hints: ModelHints, arguments: tuple[Argument, ...], own: Mapping[str, Any]
    ) -> None:
        self.hints = hints
        self.arguments = [one for one in arguments if one.kind not in VARIADIC]
        self._own = own
        self._is_variadic = len(self.arguments) < len(arguments)
        self._positional = _is_positional(arguments)

    def require_known(self, given: Mapping[str, Any]) -> None:
        """Raise TraceError for a name that is no argument."""
        if self._is_variadic:
            return
        names = [argument.name for argument in self.arguments]
        for name in given:
            if name not in names:
                forward = f"The forward of {self.hints.model}"
                raise TraceError(f"{forward} takes no input {name}. {suggestion(name, names)}")

    def missing(self, given: Mapping[str, Any]) -> list[Argument]:
        """Return the arguments that were not given; one without a name is called x."""
        if self._positional and not self.arguments and not given:
            return [Argument("x", Parameter.POSITIONAL_ONLY, Parameter.empty)]
        return [argument for argument in self.arguments if argument.name not in given]

    def to_tensors(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the user gave, as tensors without data and plain values."""
        types = {argument.name: argument.types for argument in self.arguments}
        return {
            name: self._to_tensors(name, item, types.get(name, frozenset()))
            for name, item in given.items()
        }

    def _to_tensors(self, name: str, item: Any, types: frozenset[Any]) -> Any:
        if isinstance(item, dict):
            return {
                key: self._to_tensors(f"{name}.{key}", element, types)
                for key, element in item.items()
            }
        if type(item) in {list, tuple}:
            return type(item)(
                self._to_tensors(f"{name}.{index}", element, types)
                for index, element in enumerate(item)
            )
        if not isinstance(item, TensorSpelling):
            return item
        if _is_number(item, types):
            return float(item.sizes[0]) if int not in types else item.sizes[0]
        dtype = getattr(torch, item.dtype) if item.dtype else self._dtype_of(name)
        return torch.empty(item.sizes, dtype=dtype, device=self.hints.device)

    def _dtype_of(self, name: str) -> torch.dtype:
        own = self._own.get(name)
        if isinstance(own, Tensor):
            return own.dtype
        return torch.int64 if name in INTEGER_INPUTS else self.hints.dtype

    def candidate(
        self, given: Mapping[str, Any], inferred: Mapping[str, InferredInput]
    ) -> InputCandidate:
        """Return all inputs in the order of the arguments, and what was assumed about them."""
        tensors = {
            name: torch.empty(one.sizes, dtype=one.dtype, device=self.hints.device)
            for name, one in inferred.items()
        }
        inputs = _merged(self._own, {**tensors, **given})
        names = [argument.name for argument in self.arguments]
        ordered = {name: inputs[name] for name in (*names, *inputs) if name in inputs}
        return InputCandidate(
            inputs=tuple(ordered.values()) if self._positional else ordered,
            assumed=(
                *(_sentence(name, one) for name, one in inferred.items()),
                *self._unbatched(given),
            ),
            left_out=tuple(name for name in names if name not in inputs),
        )

    def _unbatched(self, given: Mapping[str, Any]) -> Iterator[str]:
        """What is assumed of images that were given without the axis of a batch."""
        for name, item in given.items():
            if isinstance(item, Tensor) and is_unbatched(item, self.hints.first_layer):
                sizes = "x".join(map(str, item.shape))
                yield (
                    f"that {name}={sizes} is one image without a batch axis; with one, it is "
                    f"--input {name}=1x{sizes}"
                )


def _is_positional(arguments: tuple[Argument, ...]) -> bool:
    """Whether inputs have to be passed by position, because some have no name."""
    kinds = {argument.kind for argument in arguments}
    named = kinds & {Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY}
    return Parameter.POSITIONAL_ONLY in kinds or (Parameter.VAR_POSITIONAL in kinds and not named)


def _is_number(spelling: TensorSpelling, types: frozenset[Any]) -> bool:
    """Whether a single integer is a number and no size, because the argument is no tensor."""
    is_plain = bool(types & {int, float}) and Tensor not in types
    return is_plain and len(spelling.sizes) == 1 and spelling.dtype is None


def _merged(own: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The model's own inputs, replaced by those of the same name; dicts are merged."""
    merged = {**own, **inputs}
    for name, item in inputs.items():
        before = own.get(name)
        if isinstance(item, dict) and isinstance(before, dict):
            merged[name] = {**before, **item}
    return merged


def _sentence(name: str, inferred: InferredInput) -> str:
    sizes = "x".join(map(str, inferred.sizes))
    dtype = str(inferred.dtype).removeprefix("torch.")
    return f"--input {name}={sizes}:{dtype} ({inferred.reason})"
