"""The inputs of a model: those that the user wrote, and proposals for those that are missing.

A proposal is drawn from the signature of ``forward``, the names that diffusion models give to their
arguments, the first convolution, and the model's own attributes. Each comes with a sentence that
says what was assumed and why; what nothing tells is an error that shows the ``--input`` to write.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from inspect import Parameter
from typing import Any

import torch
from torch import Tensor, nn

from tracer.errors import TraceError, suggestion
from tracer.from_torch.arguments import tensors_in
from tracer.from_torch.calls import uncompiled
from tracer.from_torch.capture import Inputs, named_inputs
from tracer.from_torch.expectations import (
    context_width,
    first_layer,
    floating_dtype,
    has_classes,
    input_device,
    own_size,
)
from tracer.from_torch.given_inputs import Shape, nested, parse_input
from tracer.from_torch.settings import Argument, arguments_of

IMAGES = frozenset(
    [
        "sample",
        "x",
        "x_t",
        "xt",
        "x_in",
        "x_noisy",
        "img",
        "image",
        "images",
        "im",
        "imgs",
        "input",
        "inputs",
        "hidden_states",
        "latent",
        "latents",
        "z",
        "noisy_sample",
        "noisy_latents",
        "pixel_values",
        "audio",
        "waveform",
        "signal",
        "volume",
        "video",
    ]
)
STEPS = frozenset(
    ["t", "timestep", "timesteps", "time", "times", "time_step", "time_steps", "step", "steps"]
)
NOISE = frozenset(
    [
        "sigma",
        "sigmas",
        "noise_level",
        "noise_levels",
        "noise_labels",
        "c_noise",
        "log_snr",
        "gamma",
        "gammas",
    ]
)
CONTEXTS = frozenset(["context", "encoder_hidden_states"])
LABELS = frozenset(["y", "label", "labels", "class_label", "class_labels", "classes"])

TOKENS = 77
"""How many tokens CLIP's text encoder gives, which most conditioned UNets were made for."""

SIZES = {1: (64, 1024, 16384, 131072), 2: (64, 128, 256, 512), 3: (32, 64, 128)}
"""Sizes to try where the model does not say its own, by the number of dimensions."""


FRAMES = 8
PLANE = 2
"""Dimensions of a picture."""

Size = tuple[tuple[int, ...], str]
"""The size of an image without its channels, and what tells it."""

NO_SIZE: Size = (), ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Inputs for a model, and a sentence for each thing about them that was assumed."""

    inputs: Inputs
    assumed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Guess:
    """A tensor that was not given: its shape, its dtype, and what tells them."""

    sizes: tuple[int, ...]
    dtype: torch.dtype
    reason: str


def proposals(model: nn.Module, texts: Mapping[str, str], own: Inputs | None) -> list[Proposal]:
    """Inputs to try, the likeliest first; more than one where only the size is a guess.

    `texts` are the inputs that the user wrote, by name, `own` those that came with the model.
    Raises TraceError for a name that ``forward`` does not have, or an input that nothing tells.
    """
    model = uncompiled(model)
    if own is not None and not texts:
        return [Proposal(own)]
    arguments = arguments_of(model.forward)
    given = nested({name: parse_input(name, text) for name, text in texts.items()})
    _require_known(model, given, arguments)
    form = Form(model, arguments, named_inputs(model, own) if own is not None else {})
    written = form.written(given)
    if own is not None:
        return [form.proposal(written, {})]
    missing = [one for one in form.arguments if one.name not in given]
    return [form.proposal(written, guesses) for guesses in _guesses(model, missing, written)]


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


class Form:
    """The arguments of one ``forward``, and how what was given for them is filled in."""

    def __init__(
        self, model: nn.Module, arguments: tuple[Argument, ...], own: Mapping[str, Any]
    ) -> None:
        various = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
        self.arguments = [one for one in arguments if one.kind not in various]
        self._dtype, self._device = floating_dtype(model), input_device(model)
        self._own = own
        self._positional = _is_positional(arguments)
        if self._positional and not self.arguments:
            self.arguments = [Argument("x", Parameter.POSITIONAL_ONLY, Parameter.empty)]

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
        if not isinstance(item, Shape):
            return item
        if _is_number(item, types):
            return float(item.sizes[0]) if int not in types else item.sizes[0]
        return item.tensor(self._dtype_of(name), self._device)

    def _dtype_of(self, name: str) -> torch.dtype:
        own = self._own.get(name)
        if isinstance(own, Tensor):
            return own.dtype
        return torch.int64 if name in STEPS | LABELS else self._dtype

    def proposal(self, written: Mapping[str, Any], guesses: Mapping[str, Guess]) -> Proposal:
        """All inputs together, in the order of the arguments, and what was assumed for them."""
        guessed = {
            name: torch.empty(guess.sizes, dtype=guess.dtype, device=self._device)
            for name, guess in guesses.items()
        }
        inputs = _merged(self._own, {**guessed, **written})
        names = [one.name for one in self.arguments if one.name in inputs]
        ordered = {name: inputs[name] for name in dict.fromkeys([*names, *inputs])}
        assumed = tuple(_sentence(name, guess) for name, guess in guesses.items())
        return Proposal(tuple(ordered.values()) if self._positional else ordered, assumed)


def _is_positional(arguments: tuple[Argument, ...]) -> bool:
    """Whether the inputs have to be passed by their places, for some have no name."""
    kinds = {one.kind for one in arguments}
    named = kinds & {Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY}
    return Parameter.POSITIONAL_ONLY in kinds or (Parameter.VAR_POSITIONAL in kinds and not named)


def _is_number(shape: Shape, types: frozenset[Any]) -> bool:
    """Whether a whole number by itself means a number: where the argument is no tensor."""
    plain = bool(types & {int, float}) and Tensor not in types
    return plain and len(shape.sizes) == 1 and shape.dtype is None


def _merged(own: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """`inputs` over those that came with the model; a dict goes into the dict of its name."""
    both = {name: item for name, item in inputs.items() if isinstance(item, dict)}
    dicts = {name: item for name, item in own.items() if name in both and isinstance(item, dict)}
    return {**own, **inputs, **{name: {**item, **both[name]} for name, item in dicts.items()}}


def _sentence(name: str, guess: Guess) -> str:
    sizes = "x".join(map(str, guess.sizes))
    dtype = str(guess.dtype).removeprefix("torch.")
    return f"--input {name}={sizes}:{dtype} ({guess.reason})"


def _guesses(
    model: nn.Module, missing: list[Argument], written: Mapping[str, Any]
) -> Iterator[dict[str, Guess]]:
    """A guess for each missing argument: at each size that is tried, then with one timestep."""
    images = [one for one in missing if _is_image(one, missing, written)]
    layer = first_layer(model)
    if images and layer is None:
        raise TraceError(_needs(model, images[0].name, "1x3x64x64"))
    batch = (_batch(written),)
    sizes = _sizes(model, layer.dimensions) if images and layer else [NO_SIZE]
    tries = [*((size, batch) for size in sizes), (sizes[0], ())]
    if images and layer and layer.dimensions == PLANE:
        tries.append((_with_frames(sizes[0]), batch))
    for size, each in tries:
        maker = Maker(model, batch[0], size, each)
        found = {one.name: maker.guess(one, one in images) for one in missing}
        yield {name: guess for name, guess in found.items() if guess is not None}


def _is_image(one: Argument, missing: list[Argument], written: Mapping[str, Any]) -> bool:
    """Whether an argument is the image: by its name, or as the first that has to be given."""
    known = STEPS | NOISE | CONTEXTS | LABELS
    first = not written and one.required and one is next(x for x in missing if x.required)
    return one.required and one.name not in known and (one.name in IMAGES or first)


def _batch(written: Mapping[str, Any]) -> int:
    """How many images: as many as the first tensor that was given has."""
    tensors = (tensor for tensor in tensors_in(written) if tensor.dim())
    return next((int(tensor.shape[0]) for tensor in tensors), 1)


def _sizes(model: nn.Module, dimensions: int) -> list[Size]:
    own = own_size(model, dimensions)
    if own is not None:
        return [(own[1], f"size from {own[0]}")]
    reason = "a size to try, as the model names none"
    return [((size,) * dimensions, reason) for size in SIZES[dimensions]]


def _with_frames(size: Size) -> Size:
    """The size of a video, whose frames many models pass through convolutions of images."""
    return (FRAMES, *size[0]), f"{FRAMES} frames to try; {size[1]}"


def _needs(model: nn.Module, name: str, example: str) -> str:
    return (
        f"The forward of {type(model).__name__} needs {name}, and nothing tells its shape: "
        f"give it as --input {name}={example}, with your sizes; a dtype follows a colon, as "
        f"--input {name}={example}:int64."
    )


class Maker:
    """Guesses for the arguments of one model, for one number and one size of images."""

    def __init__(self, model: nn.Module, batch: int, size: Size, each: tuple[int, ...]) -> None:
        self._model = model
        self._batch = batch
        self._size, self._size_reason = size
        self._each = each
        self._each_reason = "one for each image" if each else "one for all images"
        self._dtype = floating_dtype(model)

    def guess(self, one: Argument, is_image: bool) -> Guess | None:
        """A guess for one argument, None for one that is better left out.

        Raises TraceError for one that has to be given, and that nothing tells.
        """
        found = self._image() if is_image else self._by_name(one)
        if found is None and one.required:
            raise TraceError(_needs(self._model, one.name, f"{self._batch}x{TOKENS}x768"))
        return found

    def _image(self) -> Guess | None:
        layer = first_layer(self._model)
        if layer is None:
            return None
        sizes = (self._batch, layer.channels, *self._size)
        return Guess(sizes, self._dtype, f"channels of {layer.path}; {self._size_reason}")

    def _by_name(self, one: Argument) -> Guess | None:
        if one.name in STEPS:
            return Guess(self._each, torch.int64, f"a timestep, {self._each_reason}")
        if one.name in NOISE:
            return Guess(self._each, self._dtype, f"a noise level, {self._each_reason}")
        if one.name in LABELS and (one.required or has_classes(self._model)):
            return Guess(self._each, torch.int64, f"the number of a class, {self._each_reason}")
        return self._context() if one.name in CONTEXTS else None

    def _context(self) -> Guess | None:
        width = context_width(self._model)
        if width is None:
            return None
        reason = f"{TOKENS} tokens, as CLIP has them; width of {width[0]}"
        return Guess((self._batch, TOKENS, width[1]), self._dtype, reason)
