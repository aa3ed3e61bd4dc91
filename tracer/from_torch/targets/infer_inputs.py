"""Infers the inputs of a model that nobody gave: their shapes and dtypes, and why.

They follow from the signature of ``forward``, the names that diffusion models give to their
arguments, the first convolution, and the model's own attributes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from tracer.errors import TraceError
from tracer.from_torch.capture.pytree import tensors_in
from tracer.from_torch.targets.constructor_args import Argument
from tracer.from_torch.targets.image_request import NOTHING_ASKED, ImageRequest
from tracer.from_torch.targets.model_hints import FirstLayer, ModelHints

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
"""The usual names of the arguments of diffusion models, by role."""

ROLES = {name: role for role, names in ROLE_NAMES.items() for name in names.split()}
INTEGER_INPUTS = frozenset(name for name, role in ROLES.items() if role in {"step", "label"})

TOKENS = 77
"""The tokens that CLIP's text encoder returns, for which most conditioned UNets were made."""

SIZES_TO_TRY = {1: (64, 1024, 16384, 131072), 2: (64, 128, 256, 512), 3: (32, 64, 128)}
"""Sizes to try if the model does not state one, by the number of dimensions."""

FRAMES = 8
IMAGE_DIMENSIONS = 2


class UnknownShapeError(TraceError):
    """Nothing says the shape of an input that is required.

    Attributes:
        advice_in_python: The message for a caller from Python, who gives a tuple or a tensor.
    """

    def __init__(self, model: str, name: str, example: tuple[int, ...]) -> None:
        start = f"The forward of {model} needs {name}, and its shape cannot be inferred: give it as"
        text = "x".join(map(str, example))
        super().__init__(
            f"{start} --input {name}={text}, with your sizes; a dtype follows a colon, as "
            f"--input {name}={text}:int64."
        )
        self.advice_in_python = (
            f'{start} inputs={{"{name}": {example}}}, with your sizes, or as a tensor.'
        )


ImageSize = tuple[tuple[int, ...], str]
"""The size of an image without its channels, and where it comes from."""

NO_IMAGE: ImageSize = (), ""


@dataclass(frozen=True, slots=True)
class InferredInput:
    """A tensor that was not given: its shape, its dtype, and where they come from."""

    sizes: tuple[int, ...]
    dtype: torch.dtype
    reason: str


def inferred_inputs(
    hints: ModelHints,
    missing: Sequence[Argument],
    given: Mapping[str, Any],
    asked: ImageRequest = NOTHING_ASKED,
) -> Iterator[dict[str, InferredInput]]:
    """Yield inputs for the missing arguments, the likeliest first.

    One for each size that is tried; then one with a single timestep; and where they apply, one with
    video frames and one in which several images share the channels of the first layer.

    Args:
        hints: What the model says about its inputs.
        missing: The arguments of ``forward`` that were not given.
        given: Those that were given, by name.
        asked: The size and batch size to have.

    Raises:
        TraceError: Nothing says the shape of an argument that is required.
    """
    images = _images(missing, given)
    layer = hints.first_layer
    if images and layer is None:
        raise UnknownShapeError(hints.model, images[0].name, (1, 3, 64, 64))
    asked.require_inferred(images=bool(images), inputs=bool(missing))
    batch = asked.batch or _batch(given, layer)
    sizes = _sizes(hints, layer, asked) if images and layer else [NO_IMAGE]
    attempts = [*((size, (batch,), 1) for size in sizes), (sizes[0], (), 1)]
    if images and layer and layer.dimensions == IMAGE_DIMENSIONS:
        attempts.append((_with_frames(sizes[0]), (batch,), 1))
    if layer and len(images) > 1 and layer.channels % len(images) == 0:
        attempts.append((sizes[0], (batch,), len(images)))
    for size, per_image, share in attempts:
        inference = InputInference(hints, size, batch, per_image, share)
        inputs = {one.name: inference.infer(one, one in images) for one in missing}
        yield {name: inferred for name, inferred in inputs.items() if inferred is not None}


def _images(missing: Sequence[Argument], given: Mapping[str, Any]) -> list[Argument]:
    """The arguments that are images: by their names, or else the first that is required."""
    required = [argument for argument in missing if argument.required]
    named = [argument for argument in required if ROLES.get(argument.name) == "image"]
    unknown = [argument for argument in required if argument.name not in ROLES]
    return named if named or given else unknown[:1]


def _batch(given: Mapping[str, Any], layer: FirstLayer | None) -> int:
    """The batch size of the first tensor that was given, or 1; 1 for an image without a batch."""
    tensor = next((tensor for tensor in tensors_in(given) if tensor.dim()), None)
    return 1 if tensor is None or is_unbatched(tensor, layer) else int(tensor.shape[0])


def is_unbatched(tensor: Tensor, layer: FirstLayer | None) -> bool:
    """Whether a tensor is one image, without the axis of a batch before its channels."""
    if layer is None or tensor.dim() != 1 + layer.dimensions:
        return False
    return int(tensor.shape[0]) == layer.channels


def _sizes(hints: ModelHints, layer: FirstLayer, asked: ImageRequest) -> list[ImageSize]:
    if asked.size:
        return [(asked.size_in(layer.dimensions), "size as asked for")]
    if hints.size is not None:
        name, size = hints.size
        return [(size, f"size from {name}")]
    reason = "default size, since the model does not specify one"
    dimensions = layer.dimensions
    return [((size,) * dimensions, reason) for size in SIZES_TO_TRY[dimensions]]


def _with_frames(size: ImageSize) -> ImageSize:
    """The size of a video, whose frames many models pass through convolutions of images."""
    return (FRAMES, *size[0]), f"{FRAMES} frames to try; {size[1]}"


@dataclass(frozen=True, slots=True)
class InputInference:
    """Infers the arguments of one model for one size of images.

    `batch` is the number of images, and `per_image` the shape of what each image has one of: that
    number, or nothing where all share one. The channels of the first layer are divided among
    `share` images.
    """

    hints: ModelHints
    size: ImageSize
    batch: int
    per_image: tuple[int, ...]
    share: int

    def infer(self, argument: Argument, is_image: bool) -> InferredInput | None:
        """Return the input for one argument, or None for one that is better left out.

        Raises:
            TraceError: The argument is required, and nothing says its shape.
        """
        inferred = self._image() if is_image else self._by_name(argument)
        if inferred is None and argument.required:
            example = self.batch, TOKENS, 768
            raise UnknownShapeError(self.hints.model, argument.name, example)
        return inferred

    def _image(self) -> InferredInput | None:
        layer = self.hints.first_layer
        if layer is None:
            return None
        size, reason = self.size
        channels = f"channels of {layer.path or 'the model itself'}"
        if self.share > 1:
            channels = f"{channels}, shared by {self.share} images"
        sizes = (self.batch, layer.channels // self.share, *size)
        return InferredInput(sizes, self.hints.dtype, f"{channels}; {reason}")

    def _by_name(self, argument: Argument) -> InferredInput | None:
        role, floating = ROLES.get(argument.name), self.hints.dtype
        if role == "step":
            return self._per_image(torch.int64, "a timestep")
        if role == "noise":
            return self._per_image(floating, "a noise level")
        if role == "label" and (argument.required or self.hints.has_classes):
            return self._per_image(torch.int64, "the number of a class")
        if role == "context":
            return self._context()
        size, reason = self.size
        if role == "mask" and argument.required and size:
            sizes = (self.batch, 1, *size)
            return InferredInput(sizes, floating, f"a mask of one channel; {reason}")
        return None

    def _per_image(self, dtype: torch.dtype, what: str) -> InferredInput:
        count = "one for each image" if self.per_image else "one for all images"
        return InferredInput(self.per_image, dtype, f"{what}, {count}")

    def _context(self) -> InferredInput | None:
        if self.hints.context_channels is None:
            return None
        name, channels = self.hints.context_channels
        reason = f"{TOKENS} tokens, as CLIP has them; channels of {name}"
        return InferredInput((self.batch, TOKENS, channels), self.hints.dtype, reason)
