"""What the model is given: whether it fits, and examples that do."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.fx import Proxy

from reference_model.config import Config


def require_rank(name: str, value: object, rank: int, form: str) -> None:
    """Raise a ValueError unless `value` is a tensor of that many dimensions.

    A Proxy, which stands for a tensor while torch.fx traces symbolically, passes: it has no shape.
    """
    if isinstance(value, Proxy):
        return
    if not isinstance(value, Tensor):
        # one kind of error for all that does not fit
        raise ValueError(f"{name}={value!r}: give a tensor of shape {form}.")  # noqa: TRY004
    if value.dim() != rank:
        raise ValueError(f"{name} of shape {tuple(value.shape)}: give a tensor of shape {form}.")


def check_inputs(config: Config, x: Tensor, t: Tensor | None, context: Tensor | None) -> None:
    """Raise a ValueError when these could not be the inputs of a model of that configuration.

    x: (B, C, H, W). context: (B, C', H, W) with C + C' = in_channels, or None.
    t: (B,), or (1,) for all images alike, or None; looked at only when the model uses it.

    Whether H and W halve often enough is not asked here: that shows where skips are concatenated.
    """
    require_rank("x", x, 4, "(B, C, H, W)")
    if context is not None:
        require_rank("context", context, 4, "(B, C', H, W)")
    if config.use_timestep and t is not None:
        require_rank("t", t, 1, "(B,), one timestep for each image")
    if _are_symbolic(x, t, context):
        return
    if context is not None:
        _check_alike(x, context)
    _check_channels(config.in_channels, x, context)
    if config.use_timestep and t is not None and t.shape[0] not in (x.shape[0], 1):
        raise ValueError(
            f"t has {t.shape[0]} timesteps for {x.shape[0]} images: give one for each image."
        )


def _are_symbolic(*values: object) -> bool:
    return any(isinstance(value, Proxy) for value in values)


def _check_alike(x: Tensor, context: Tensor) -> None:
    if (x.shape[0], *x.shape[2:]) != (context.shape[0], *context.shape[2:]):
        raise ValueError(
            f"context of shape {tuple(context.shape)} is to be concatenated to x of shape "
            f"{tuple(x.shape)}: make them alike in all but the channels."
        )


def _check_channels(in_channels: int, x: Tensor, context: Tensor | None) -> None:
    given, channels = "x has", x.shape[1]
    if context is not None:
        given, channels = "x and context together have", channels + context.shape[1]
    if channels != in_channels:
        raise ValueError(
            f"{given} {channels} channels, but the model was made with in_channels={in_channels}: "
            f"give {in_channels}, or make it with in_channels={channels}."
        )


def example_inputs(
    config: Config, batch: int = 1, device: torch.device | str | None = None
) -> dict[str, Tensor]:
    """Inputs for a model of that configuration, by the names of `Model.forward`.

    "x": (batch, in_channels, resolution, resolution), a ramp from -1 to 1, the range of DDPM's
    images. "t": (batch,), half of DDPM's 1000 steps; left out when the model does not use it.
    On any device, `meta` included, and the same each time.
    """
    side = int(config.resolution)
    shape = (batch, config.in_channels, side, side)
    inputs = {"x": torch.linspace(-1, 1, math.prod(shape), device=device).reshape(shape)}
    if config.use_timestep:
        inputs["t"] = torch.full((batch,), 500, device=device)
    return inputs
