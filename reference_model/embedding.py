"""The sinusoidal embedding by which the model is told its timestep."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from reference_model.inputs import require_rank


def get_timestep_embedding(timesteps: Tensor, embedding_dim: int) -> Tensor:
    """Sines and cosines of each timestep, at frequencies that fall from 1 to 1/10000.

    timesteps: (B,), in steps of the diffusion process, whole or not.
    Returns (B, embedding_dim) in float32: first all the sines, then all the cosines, and a zero
    last when `embedding_dim` is odd.
    Raises ValueError when `timesteps` has another rank, or no such embedding exists.

    The frequencies are 10000^(-i / (half - 1)). The Transformer, where the idea is from, has
    10000^(-i / half) and interleaves sines with cosines (arXiv 1706.03762, section 3.5).
    Upstream: model.py L12-30.
    """
    require_rank("timesteps", timesteps, 1, "(B,)")

    half_dim = embedding_dim // 2
    if half_dim < 0 or half_dim == 1:
        raise ValueError(
            f"embedding_dim={embedding_dim}: the frequencies are spaced over half of it less one, "
            "so give 4 or more."
        )
    spacing = math.log(10000) / (half_dim - 1)
    emb = torch.exp(torch.arange(half_dim, dtype=torch.float32) * -spacing)  # (half,)
    emb = emb.to(device=timesteps.device)
    emb = timesteps.float()[:, None] * emb[None, :]  # (B, 1) * (1, half) -> (B, half)
    emb = torch.cat([torch.sin(emb), torch.cos(emb)], dim=1)  # (B, half), twice -> (B, 2*half)
    if embedding_dim % 2 == 1:
        emb = F.pad(emb, (0, 1, 0, 0))  # (B, 2*half) -> (B, 2*half + 1)
    return emb
