"""The UNet that unet-trace explains: the `Model` of CompVis latent-diffusion, implemented anew.

The configurations come without torch; the model is imported when it is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from reference_model.config import PRESETS as PRESETS
from reference_model.config import Config as Config
from reference_model.config import Preset as Preset

if TYPE_CHECKING:
    from reference_model.attention import AttnBlock as AttnBlock
    from reference_model.attention import LinAttnBlock as LinAttnBlock
    from reference_model.attention import make_attn as make_attn
    from reference_model.blocks import Downsample as Downsample
    from reference_model.blocks import Normalize as Normalize
    from reference_model.blocks import ResnetBlock as ResnetBlock
    from reference_model.blocks import Upsample as Upsample
    from reference_model.blocks import nonlinearity as nonlinearity
    from reference_model.embedding import get_timestep_embedding as get_timestep_embedding
    from reference_model.inputs import example_inputs as example_inputs
    from reference_model.model import Model as Model
    from reference_model.model import build as build
    from reference_model.model import example as example

__distribution__ = "unet-trace"
"""Tells this package from others of the same name; `unet_trace` looks for this line."""

_NEED_TORCH = {
    "AttnBlock": "attention",
    "LinAttnBlock": "attention",
    "make_attn": "attention",
    "Downsample": "blocks",
    "Normalize": "blocks",
    "ResnetBlock": "blocks",
    "Upsample": "blocks",
    "nonlinearity": "blocks",
    "get_timestep_embedding": "embedding",
    "example_inputs": "inputs",
    "Model": "model",
    "build": "model",
    "example": "model",
}


def __getattr__(name: str) -> object:
    if name not in _NEED_TORCH:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_NEED_TORCH[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_NEED_TORCH})
