"""Inputs that nobody wrote: what a model is most likely to want, and what tells it.

A guess is drawn from the signature of ``forward``, the names that diffusion models give to their
arguments, the first convolution, and the model's own attributes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from tracer.errors import TraceError
from tracer.from_torch.capture.pytree import tensors_in
from tracer.from_torch.targets.constructor_args import Argument
from tracer.from_torch.targets.model_hints import (
    context_width,
    first_layer,
    floating_dtype,
    has_classes,
    own_size,
)

ROLE_NAMES = {
    "image": "sample x x_t xt x_in x_noisy img image images im imgs input inputs hidden_states "
    "latent latents z noisy_sample noisy_latents pixel_values audio waveform signal volume video "
    "hint control reference ref source src target left right low_res lowres lr "
    "x1 x2 x_1 x_2 img1 img2 image1 image2 image_1 image_2",
    "mask": "mask masks",
    "step": "t timestep timesteps time times time_step time_steps step steps",
    "noise": "sigma sigmas noise_level noise_levels noise_labels c_noise log_snr gamma gammas",
    "context": "context encoder_hidden_states",
    "label": "y label labels class_label class_labels classes",
}
"""What the arguments of diffusion models are called, by what they are."""

ROLES = {name: role for role, names in ROLE_NAMES.items() for name in names.split()}
WHOLE_NUMBERS = frozenset(name for name, role in ROLES.items() if role in {"step", "label"})

TOKENS = 77
"""How many tokens CLIP's text encoder gives, which most conditioned UNets were made for."""

SIZES_TO_TRY = {1: (64, 1024, 16384, 131072), 2: (64, 128, 256, 512), 3: (32, 64, 128)}
"""Sizes to try where the model does not say its own, by the number of dimensions."""

FRAMES = 8
PLANE = 2
"""Dimensions of a picture."""

Size = tuple[tuple[int, ...], str]
"""The size of an image without its channels, and what tells it."""

NO_SIZE: Size = (), ""


@dataclass(frozen=True, slots=True)
class InferredInput:
    """A tensor that was not given: its shape, its dtype, and what tells them."""

    sizes: tuple[int, ...]
    dtype: torch.dtype
    reason: str


def guesses(
    model: nn.Module, missing: Sequence[Argument], written: Mapping[str, Any]
) -> Iterator[dict[str, InferredInput]]:
    """A guess for each missing argument: at each size that is tried, then with one timestep."""
    images = _images(missing, written)
    layer = first_layer(model)
    if images and layer is None:
        raise TraceError(_needs(model, images[0].name, "1x3x64x64"))
    batch = (_batch(written),)
    sizes = _sizes(model, layer.dimensions) if images and layer else [NO_SIZE]
    tries = [*((size, batch, 1) for size in sizes), (sizes[0], (), 1)]
    if images and layer and layer.dimensions == PLANE:
        tries.append((_with_frames(sizes[0]), batch, 1))
    if layer and len(images) > 1 and layer.channels % len(images) == 0:
        tries.append((sizes[0], batch, len(images)))
    for size, each, share in tries:
        maker = InputInference(model, size, (batch[0], each), share)
        found = {one.name: maker.guess(one, one in images) for one in missing}
        yield {name: guess for name, guess in found.items() if guess is not None}


def _images(missing: Sequence[Argument], written: Mapping[str, Any]) -> list[Argument]:
    """The arguments that are images: by their names, or else the first that has to be given."""
    required = [one for one in missing if one.required]
    named = [one for one in required if ROLES.get(one.name) == "image"]
    unknown = [one for one in required if one.name not in ROLES]
    return named if named or written else unknown[:1]


def _batch(written: Mapping[str, Any]) -> int:
    """How many images: as many as the first tensor that was given has."""
    tensors = (tensor for tensor in tensors_in(written) if tensor.dim())
    return next((int(tensor.shape[0]) for tensor in tensors), 1)


def _sizes(model: nn.Module, dimensions: int) -> list[Size]:
    own = own_size(model, dimensions)
    if own is not None:
        return [(own[1], f"size from {own[0]}")]
    reason = "a size to try, as the model names none"
    return [((size,) * dimensions, reason) for size in SIZES_TO_TRY[dimensions]]


def _with_frames(size: Size) -> Size:
    """The size of a video, whose frames many models pass through convolutions of images."""
    return (FRAMES, *size[0]), f"{FRAMES} frames to try; {size[1]}"


def _needs(model: nn.Module, name: str, example: str) -> str:
    return (
        f"The forward of {type(model).__name__} needs {name}, and nothing tells its shape: "
        f"give it as --input {name}={example}, with your sizes; a dtype follows a colon, as "
        f"--input {name}={example}:int64."
    )


class InputInference:
    """Guesses for the arguments of one model, for one number and one size of images.

    `batch` is that number, and the shape of what there is one of for each image. The images are
    taken to share the channels of the first layer among as many as `share`.
    """

    def __init__(
        self, model: nn.Module, size: Size, batch: tuple[int, tuple[int, ...]], share: int = 1
    ) -> None:
        self._model = model
        self._size, self._size_reason = size
        self._batch, self._each = batch
        self._share = share
        self._each_reason = "one for each image" if self._each else "one for all images"
        self._dtype = floating_dtype(model)

    def guess(self, one: Argument, is_image: bool) -> InferredInput | None:
        """A guess for one argument, None for one that is better left out.

        Raises TraceError for one that has to be given, and that nothing tells.
        """
        found = self._image() if is_image else self._by_name(one)
        if found is None and one.required:
            raise TraceError(_needs(self._model, one.name, f"{self._batch}x{TOKENS}x768"))
        return found

    def _image(self) -> InferredInput | None:
        layer = first_layer(self._model)
        if layer is None:
            return None
        sizes = (self._batch, layer.channels // self._share, *self._size)
        channels = f"channels of {layer.path}"
        if self._share > 1:
            channels = f"{channels}, shared by {self._share} images"
        return InferredInput(sizes, self._dtype, f"{channels}; {self._size_reason}")

    def _by_name(self, one: Argument) -> InferredInput | None:
        match ROLES.get(one.name):
            case "step":
                return InferredInput(self._each, torch.int64, f"a timestep, {self._each_reason}")
            case "noise":
                return InferredInput(self._each, self._dtype, f"a noise level, {self._each_reason}")
            case "label" if one.required or has_classes(self._model):
                return InferredInput(
                    self._each, torch.int64, f"the number of a class, {self._each_reason}"
                )
            case "context":
                return self._context()
            case "mask" if one.required and self._size:
                sizes = (self._batch, 1, *self._size)
                return InferredInput(
                    sizes, self._dtype, f"a mask of one channel; {self._size_reason}"
                )
        return None

    def _context(self) -> InferredInput | None:
        width = context_width(self._model)
        if width is None:
            return None
        reason = f"{TOKENS} tokens, as CLIP has them; width of {width[0]}"
        return InferredInput((self._batch, TOKENS, width[1]), self._dtype, reason)
