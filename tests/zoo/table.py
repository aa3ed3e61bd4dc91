"""The whole table: importing the modules of all fields fills it."""

from __future__ import annotations

from tests.zoo import audio, diffusion, full_size, images, medical
from tests.zoo.specimens import SPECIMENS

FIELDS = (audio, diffusion, full_size, images, medical)

__all__ = ["FIELDS", "SPECIMENS"]
