"""The whole table: importing the modules of all fields fills it."""

from __future__ import annotations

from tests.zoo import (
    audio,
    denoising,
    diffusion,
    full_size,
    hourglasses,
    images,
    medical,
    microscopy,
    speech,
)
from tests.zoo.specimens import SPECIMENS

FIELDS = (
    audio,
    denoising,
    diffusion,
    full_size,
    hourglasses,
    images,
    medical,
    microscopy,
    speech,
)

__all__ = ["FIELDS", "SPECIMENS"]
