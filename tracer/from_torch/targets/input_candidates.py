"""The inputs of a model: those that the user wrote, and guesses for those that are missing.

Each guess comes with a sentence that says what was assumed and why; what nothing tells is an error
that shows the ``--input`` to write.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from inspect import Parameter
from typing import Any

import torch
from torch import Tensor, nn

from tracer.errors import TraceError, suggestion
from tracer.from_torch.capture.module_calls import uncompiled
from tracer.from_torch.capture.recording import Inputs, named_inputs
from tracer.from_torch.targets.constructor_args import Argument, arguments_of
from tracer.from_torch.targets.infer_inputs import WHOLE_NUMBERS, InferredInput, guesses
from tracer.from_torch.targets.input_syntax import TensorSpelling, nested, parse_input
from tracer.from_torch.targets.model_hints import floating_dtype, input_device


@dataclass(frozen=True, slots=True)
class InputCandidate:
    """Inputs for a model, and a sentence for each thing about them that was assumed.

    `left_out` names the inputs that the model could have been given beside these.
    """

    inputs: Inputs
    assumed: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def proposals(
    model: nn.Module, texts: Mapping[str, str], own: Inputs | None
) -> list[InputCandidate]:
    """Inputs to try, the likeliest first; more than one where only the size is a guess.

    `texts` are the inputs that the user wrote, by name, `own` those that came with the model.
    Raises TraceError for a name that ``forward`` does not have, or an input that nothing tells.
    """
    model = uncompiled(model)
    if own is not None and not texts:
        return [InputCandidate(own)]
    arguments = arguments_of(model.forward)
    given = nested({name: parse_input(name, text) for name, text in texts.items()})
    _require_known(model, given, arguments)
    form = ForwardArguments(model, arguments, named_inputs(model, own) if own is not None else {})
    written = form.written(given)
    if own is not None:
        return [form.proposal(written, {})]
    found = guesses(model, form.missing(given), written)
    return [form.proposal(written, guessed) for guessed in found]


def _require_known(
    model: nn.Module, given: Mapping[str, Any], arguments: tuple[Argument, ...]
) -> None:
    kinds = {one.kind for one in arguments}
    if Parameter.VAR_KEYWORD in kinds or Parameter.VAR_POSITIONAL in kinds:
        return
    names = [one.name for one in arguments]
    for name in given:
        if name not in names:
            who = f"The forward of {type(model).__name__}"
            raise TraceError(f"{who} takes no input {name}. {suggestion(name, names)}")


class ForwardArguments:
    """The arguments of one ``forward``, and how what was given for them is filled in."""

    def __init__(
        self, model: nn.Module, arguments: tuple[Argument, ...], own: Mapping[str, Any]
    ) -> None:
        various = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
        self.arguments = [one for one in arguments if one.kind not in various]
        self._dtype, self._device = floating_dtype(model), input_device(model)
        self._own = own
        self._positional = _is_positional(arguments)

    def missing(self, given: Mapping[str, Any]) -> list[Argument]:
        """The arguments that were not given; one that has no name of its own is called x."""
        if self._positional and not self.arguments and not given:
            return [Argument("x", Parameter.POSITIONAL_ONLY, Parameter.empty)]
        return [one for one in self.arguments if one.name not in given]

    def written(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """What the user wrote, as tensors without data and plain values."""
        types = {one.name: one.types for one in self.arguments}
        return {
            name: self._filled(name, item, types.get(name, frozenset()))
            for name, item in given.items()
        }

    def _filled(self, name: str, item: Any, types: frozenset[Any]) -> Any:
        if isinstance(item, dict):
            return {key: self._filled(f"{name}.{key}", one, types) for key, one in item.items()}
        if isinstance(item, list):
            return [self._filled(f"{name}.{place}", one, types) for place, one in enumerate(item)]
        if not isinstance(item, TensorSpelling):
            return item
        if _is_number(item, types):
            return float(item.sizes[0]) if int not in types else item.sizes[0]
        return item.tensor(self._dtype_of(name), self._device)

    def _dtype_of(self, name: str) -> torch.dtype:
        own = self._own.get(name)
        if isinstance(own, Tensor):
            return own.dtype
        return torch.int64 if name in WHOLE_NUMBERS else self._dtype

    def proposal(
        self, written: Mapping[str, Any], guessed: Mapping[str, InferredInput]
    ) -> InputCandidate:
        """All inputs together, in the order of the arguments, and what was assumed for them."""
        made = {
            name: torch.empty(guess.sizes, dtype=guess.dtype, device=self._device)
            for name, guess in guessed.items()
        }
        inputs = _merged(self._own, {**made, **written})
        names = [one.name for one in self.arguments]
        ordered = {name: inputs[name] for name in (*names, *inputs) if name in inputs}
        return InputCandidate(
            inputs=tuple(ordered.values()) if self._positional else ordered,
            assumed=tuple(_sentence(name, guess) for name, guess in guessed.items()),
            left_out=tuple(name for name in names if name not in inputs),
        )


def _is_positional(arguments: tuple[Argument, ...]) -> bool:
    """Whether the inputs have to be passed by their places, for some have no name."""
    kinds = {one.kind for one in arguments}
    named = kinds & {Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY}
    return Parameter.POSITIONAL_ONLY in kinds or (Parameter.VAR_POSITIONAL in kinds and not named)


def _is_number(shape: TensorSpelling, types: frozenset[Any]) -> bool:
    """Whether a whole number by itself means a number: where the argument is no tensor."""
    plain = bool(types & {int, float}) and Tensor not in types
    return plain and len(shape.sizes) == 1 and shape.dtype is None


def _merged(own: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """`inputs` over those that came with the model; a dict goes into the dict of its name."""
    both = {name: item for name, item in inputs.items() if isinstance(item, dict)}
    dicts = {name: item for name, item in own.items() if name in both and isinstance(item, dict)}
    return {**own, **inputs, **{name: {**item, **both[name]} for name, item in dicts.items()}}


def _sentence(name: str, guess: InferredInput) -> str:
    sizes = "x".join(map(str, guess.sizes))
    dtype = str(guess.dtype).removeprefix("torch.")
    return f"--input {name}={sizes}:{dtype} ({guess.reason})"
