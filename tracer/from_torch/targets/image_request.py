"""The size and the batch size that were asked for in short: ``--size 512 --batch 4``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from tracer.errors import TraceError
from tracer.from_torch.capture.pytree import map_tensors, tensors_in

AXES_BEFORE_SIZE = 2
"""An image has a batch and channels before its size."""


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """What was asked of the inputs that are not given.

    Attributes:
        size: The size of images: one number for all directions, or one for each; empty for none.
        batch: The batch size; 0 for none.
    """

    size: tuple[int, ...] = ()
    batch: int = 0

    def __str__(self) -> str:
        size = f"--size {'x'.join(map(str, self.size))}" if self.size else ""
        return f"{size} {f'--batch {self.batch}' if self.batch else ''}".strip()

    def size_in(self, dimensions: int) -> tuple[int, ...]:
        """Return the size of an image with so many directions.

        Raises:
            TraceError: The size that was asked for has another number of directions.
        """
        if len(self.size) not in {1, dimensions}:
            raise TraceError(f"{self}: the images of this model have {dimensions} sizes.")
        return self.size * dimensions if len(self.size) == 1 else self.size

    def require_inferred(self, images: bool, inputs: bool) -> None:
        """Raise TraceError if there is nothing left that a request could change.

        Args:
            images: Whether an image is inferred.
            inputs: Whether any input is inferred.
        """
        option = str(ImageRequest(self.size if not images else (), self.batch * (not inputs)))
        if option:
            raise TraceError(f"{option} changes nothing, because no such input is proposed.")

    def applied_to(self, own: Mapping[str, Any]) -> dict[str, Any]:
        """Return the inputs that a model came with, in the size and batch size asked for.

        Tensors that share the first size of the first one have that batch size; the first one
        with a size after channels, and those of as many axes, are images.

        Raises:
            TraceError: No input is an image, or the size has another number of directions.
        """
        tensors = [one for one in tensors_in(own) if one.dim()]
        batch = tensors[0].shape[0] if tensors else 0
        rank = next((one.dim() for one in tensors if one.dim() > AXES_BEFORE_SIZE), 0)
        if self.size and not rank:
            raise TraceError(f"{self}: no input of this model is an image.")
        size = self.size_in(rank - AXES_BEFORE_SIZE) if self.size else ()

        def resized(tensor: Tensor) -> Tensor:
            shape = list(tensor.shape)
            if self.batch and shape and shape[0] == batch:
                shape[0] = self.batch
            if size and len(shape) == rank:
                shape[AXES_BEFORE_SIZE:] = size
            if shape == list(tensor.shape):
                return tensor
            return torch.empty(shape, dtype=tensor.dtype, device=tensor.device)

        return {name: map_tensors(item, resized) for name, item in own.items()}


NOTHING_ASKED = ImageRequest()
"""No wish: sizes and the batch are inferred."""
