"""What the layers and attributes of a model say about its inputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from tracer.from_torch.private_torch import ConvNd

SIZE_ATTRIBUTES = ("sample_size", "resolution", "image_size", "img_size", "input_size")
CONTEXT_ATTRIBUTES = ("cross_attention_dim", "context_dim")
CLASS_ATTRIBUTES = ("num_classes", "num_class_embeds", "label_dim")


@dataclass(frozen=True, slots=True)
class FirstLayer:
    """The first convolution of a model: its path, its input channels, and its dimensions."""

    path: str
    channels: int
    dimensions: int


@dataclass(frozen=True, slots=True)
class ModelHints:
    """Everything that a model says about its inputs.

    `size` is the size of images without channels, and `context_channels` the channels of what the
    model attends to besides the image; each comes after the attribute or layer that says it.
    `device` is where inputs without data are placed.
    """

    model: str
    first_layer: FirstLayer | None
    size: tuple[str, tuple[int, ...]] | None
    context_channels: tuple[str, int] | None
    has_classes: bool
    dtype: torch.dtype
    device: torch.device


def hints_of(model: nn.Module) -> ModelHints:
    """Return what `model` says about its inputs, without running it.

    >>> hints = hints_of(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()))
    >>> hints.first_layer, hints.dtype
    (FirstLayer(path='0', channels=3, dimensions=2), torch.float32)
    """
    layer = first_layer(model)
    return ModelHints(
        model=type(model).__name__,
        first_layer=layer,
        size=_own_size(model, layer.dimensions) if layer else None,
        context_channels=_context_channels(model),
        has_classes=any(_is_count(value) for _, value in _attributes(model, CLASS_ATTRIBUTES)),
        dtype=_floating_dtype(model),
        device=_input_device(model),
    )


def first_layer(model: nn.Module) -> FirstLayer | None:
    """Return the convolution that was registered first; in most models it also runs first."""
    for path, module in model.named_modules():
        if isinstance(module, ConvNd) and module.in_channels:
            return FirstLayer(path, module.in_channels, len(module.kernel_size))
    return None


def _own_size(model: nn.Module, dimensions: int) -> tuple[str, tuple[int, ...]] | None:
    for name, value in _attributes(model, SIZE_ATTRIBUTES):
        sizes = (value,) * dimensions if _is_count(value) else value
        if not isinstance(sizes, (tuple, list)) or len(sizes) != dimensions:
            continue
        if all(map(_is_count, sizes)):
            return name, tuple(sizes)
    return None


def _context_channels(model: nn.Module) -> tuple[str, int] | None:
    for name, value in _attributes(model, CONTEXT_ATTRIBUTES):
        channels = value[0] if isinstance(value, (tuple, list)) and value else value
        if _is_count(channels):
            return name, channels
    for path, module in model.named_modules():
        query, key = _in_features(module, "to_q"), _in_features(module, "to_k")
        if query and key and query != key:
            return f"{path}.to_k", key
    return None


def _in_features(module: nn.Module, name: str) -> int | None:
    """How many features a linear layer of a module takes."""
    layer = getattr(module, name, None)
    return layer.in_features if isinstance(layer, nn.Linear) else None


def _attributes(model: nn.Module, names: Iterable[str]) -> list[tuple[str, Any]]:
    """Those attributes that the model's `config` or the model itself has, and that are not None."""
    own = vars(model)  # not getattr, which would run the code of properties
    config = getattr(model, "config", None)
    if not isinstance(config, Mapping):
        config = {name: getattr(config, name, None) for name in names}
    attributes = [(f"config.{name}", config.get(name)) for name in names]
    attributes += [(name, own.get(name)) for name in names]
    return [(name, value) for name, value in attributes if value is not None]


def _floating_dtype(model: nn.Module) -> torch.dtype:
    """The dtype of the model's first floating-point parameter."""
    dtypes = (parameter.dtype for parameter in model.parameters())
    default = torch.get_default_dtype()
    return next((dtype for dtype in dtypes if dtype.is_floating_point), default)


def _input_device(model: nn.Module) -> torch.device:
    """The device of the model, or ``meta`` for the CPU."""
    devices = (parameter.device for parameter in model.parameters())
    device = next(devices, torch.device("cpu"))
    return torch.device("meta") if device.type == "cpu" else device


def _is_count(value: Any) -> bool:
    return type(value) is int and value > 0
