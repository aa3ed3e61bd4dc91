"""The models that are measured, as skeletons on ``meta``: no weights, no data, nothing downloaded.

The big ones are those of the zoo. The growing ones are the reference model with more and more
residual blocks per level: twice the operations from each to the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import torch
from torch import nn

import reference_model
from tests.zoo import full_size
from tests.zoo.specimens import SPECIMENS

ZOO = {
    "stable-diffusion-1.5": full_size.stable_diffusion_1_5,
    "stable-diffusion-xl": full_size.stable_diffusion_xl,
}
MODELS = ("ddpm-celebahq-256", *ZOO)
SMALLEST, BIGGEST = 300, 10_000
BLOCKS = (2, 5, 12, 25, 52, 105)
"""Residual blocks per level, for 300 operations and then about twice as many each time."""
GROWING = tuple(f"growing-{blocks}" for blocks in BLOCKS)


@dataclass(frozen=True)
class Subject:
    """A model on ``meta``, in evaluation, and the keywords that its forward is called with."""

    name: str
    model: nn.Module
    inputs: dict[str, Any]

    def forward(self) -> Any:
        """Run it without gradients."""
        with torch.no_grad():
            return self.model(**self.inputs)

    @property
    def parameters(self) -> int:
        """How many parameters it has."""
        return sum(one.numel() for one in self.model.parameters())


@cache
def subject(name: str) -> Subject:
    """One of `MODELS`, of `GROWING`, or a preset of the reference model."""
    with torch.device("meta"):
        model, inputs = _made(name)
    return Subject(name, model.eval(), inputs)


def _made(name: str) -> tuple[nn.Module, dict[str, Any]]:
    if name in ZOO:
        known = SPECIMENS[f"diffusers.{ZOO[name].__name__}"]
        return known.build(), dict(known.inputs())  # type: ignore[arg-type]
    if name in GROWING:
        config = _grown(int(name.removeprefix("growing-")))
        return reference_model.Model(**config.keywords()), _inputs(config)
    model = reference_model.build(name)
    return model, _inputs(model.config)


def _inputs(config: reference_model.Config) -> dict[str, Any]:
    return dict(reference_model.example_inputs(config, device="meta"))


def _grown(blocks: int) -> reference_model.Config:
    return reference_model.Config(
        ch=32,
        out_ch=3,
        ch_mult=(1, 2, 2),
        num_res_blocks=blocks,
        attn_resolutions=(),
        in_channels=3,
        resolution=32,
    )
