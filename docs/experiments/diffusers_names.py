"""The names of diffusers' UNet2DModel beside those of the reference model, by `tracer.diff`.

Both are built as the DDPM of CIFAR-10. It needs diffusers, so it does not run when the site is
built: ``python docs/experiments/diffusers_names.py`` writes ``docs/diffusers_names.json``.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

import tracer

PRESET = "ddpm-cifar10"
FILE = Path(__file__).parents[1] / "diffusers_names.json"
KEYWORDS: dict[str, Any] = {
    "sample_size": 32,
    "in_channels": 3,
    "out_channels": 3,
    "layers_per_block": 2,
    "block_out_channels": (128, 256, 256, 256),
    "down_block_types": ("DownBlock2D", "AttnDownBlock2D", "DownBlock2D", "DownBlock2D"),
    "up_block_types": ("UpBlock2D", "UpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
    "attention_head_dim": None,
    "norm_eps": 1e-6,
    "downsample_padding": 0,
    "flip_sin_to_cos": False,
    "freq_shift": 1,
}
"""What the published model google/ddpm-cifar10-32 is built with."""


def record() -> dict[str, Any]:
    """Return the pairs of names, and how many layers were paired."""
    from diffusers import UNet2DModel

    other = UNet2DModel(**KEYWORDS).eval()
    inputs = {"sample": torch.zeros(1, 3, 32, 32), "timestep": torch.tensor([1])}
    ours = tracer.Session.open(PRESET).trace
    found = tracer.diff(ours, tracer.trace(other, inputs))
    old_names = found.old_names
    same = {call for call in ours.blocks if call in found.after.by_call} - {""}
    pairs = {old: new for new, old in old_names.items()} | {name: name for name in same}
    assert found.layers is not None
    return {
        "package": "diffusers",
        "version": version("diffusers"),
        "model": "UNet2DModel",
        "layers": [found.layers.paired, found.layers.before, found.layers.after],
        "parameters": [ours.root.parameters, sum(one.numel() for one in other.parameters())],
        "pairs": [[call, pairs[call]] for call in ours.blocks if call in pairs],
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(record(), indent=1) + "\n", encoding="utf-8")
