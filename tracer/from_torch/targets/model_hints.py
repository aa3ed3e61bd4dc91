"""What a model expects of its inputs, as far as its layers and its own attributes tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn.modules.conv import _ConvNd

SIZE_ATTRIBUTES = ("sample_size", "resolution", "image_size", "img_size", "input_size")
WIDTHS = ("cross_attention_dim", "context_dim")
CLASSES = ("num_classes", "num_class_embeds", "label_dim")


@dataclass(frozen=True, slots=True)
class FirstLayer:
    """The first convolution of a model: its path, its input channels, and its dimensions."""

    path: str
    channels: int
    dimensions: int


def first_layer(model: nn.Module) -> FirstLayer | None:
    """The convolution that was registered first; in most models it is the one that runs first."""
    for path, module in model.named_modules():
        if isinstance(module, _ConvNd) and module.in_channels:
            return FirstLayer(path, module.in_channels, len(module.kernel_size))
    return None


def own_size(model: nn.Module, dimensions: int) -> tuple[str, tuple[int, ...]] | None:
    """The size that the model says it was made for, and the attribute that says it."""
    for name, value in own_attributes(model, SIZE_ATTRIBUTES):
        sizes = (value,) * dimensions if _is_count(value) else value
        if not isinstance(sizes, (tuple, list)) or len(sizes) != dimensions:
            continue
        if all(map(_is_count, sizes)):
            return name, tuple(sizes)
    return None


def context_width(model: nn.Module) -> tuple[str, int] | None:
    """The width of what the model attends to beside the image, and what tells it."""
    for name, value in own_attributes(model, WIDTHS):
        width = value[0] if isinstance(value, (tuple, list)) and value else value
        if _is_count(width):
            return name, width
    for path, module in model.named_modules():
        query, key = _width(module, "to_q"), _width(module, "to_k")
        if query and key and query != key:
            return f"{path}.to_k", key
    return None


def _width(module: nn.Module, name: str) -> int | None:
    """How many features a linear layer of a module takes."""
    layer = getattr(module, name, None)
    return layer.in_features if isinstance(layer, nn.Linear) else None


def has_classes(model: nn.Module) -> bool:
    """Whether the model says that it is conditioned on a class."""
    return any(_is_count(value) for _, value in own_attributes(model, CLASSES))


def own_attributes(model: nn.Module, names: Iterable[str]) -> list[tuple[str, Any]]:
    """Those attributes that the model's `config` has, or the model itself; None is none."""
    own = vars(model)  # not getattr, which runs properties, and whatever they do
    config = getattr(model, "config", None)
    if not isinstance(config, Mapping):
        config = {name: getattr(config, name, None) for name in names}
    found = [(f"config.{name}", config.get(name)) for name in names]
    found += [(name, own.get(name)) for name in names]
    return [(name, value) for name, value in found if value is not None]


def floating_dtype(model: nn.Module) -> torch.dtype:
    """The dtype of the model's first parameter that is a real number."""
    kinds = (parameter.dtype for parameter in model.parameters())
    return next((kind for kind in kinds if kind.is_floating_point), torch.get_default_dtype())


def input_device(model: nn.Module) -> torch.device:
    """Where inputs without data are to be: where the model is, or on ``meta`` for the CPU."""
    devices = (parameter.device for parameter in model.parameters())
    device = next(devices, torch.device("cpu"))
    return torch.device("meta") if device.type == "cpu" else device


def _is_count(value: Any) -> bool:
    return type(value) is int and value > 0
