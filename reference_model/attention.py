"""Self-attention over the pixels of a feature map: by softmax, or linear in their number."""
# mypy: no-warn-return-any
# (to a type checker, whatever a module's call returns is Any)

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from reference_model.blocks import Normalize
from reference_model.config import ATTN_TYPES, unknown_attention


class AttnBlock(nn.Module):
    """Each pixel looks at all pixels of its image: one head, softmax, and a way around it.

    Memory and time grow with (H*W)^2. Raises ValueError when `in_channels` is not a multiple of 32.
    Upstream: model.py L150-202.
    """

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.in_channels = in_channels

        self.norm = Normalize(in_channels)
        self.q = nn.Conv2d(in_channels, in_channels, kernel_size=1, stride=1, padding=0)
        self.k = nn.Conv2d(in_channels, in_channels, kernel_size=1, stride=1, padding=0)
        self.v = nn.Conv2d(in_channels, in_channels, kernel_size=1, stride=1, padding=0)
        self.proj_out = nn.Conv2d(in_channels, in_channels, kernel_size=1, stride=1, padding=0)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        h_ = x
        h_ = self.norm(h_)
        q = self.q(h_)
        k = self.k(h_)
        v = self.v(h_)

        # how much pixel i (a row) looks at pixel j (a column)
        b, c, h, w = q.shape
        q = q.reshape(b, c, h * w)  # (B, C, H, W) -> (B, C, H*W)
        q = q.permute(0, 2, 1)  # (B, C, H*W) -> (B, H*W, C)
        k = k.reshape(b, c, h * w)  # (B, C, H, W) -> (B, C, H*W)
        w_ = torch.bmm(q, k)  # (B, H*W, C) @ (B, C, H*W) -> (B, H*W, H*W)
        w_ = w_ * (c ** (-0.5))
        w_ = F.softmax(w_, dim=2)

        # what pixel i takes from the pixels it looks at
        v = v.reshape(b, c, h * w)  # (B, C, H, W) -> (B, C, H*W)
        w_ = w_.permute(0, 2, 1)  # (B, i, j) -> (B, j, i), both H*W long
        h_ = torch.bmm(v, w_)  # (B, C, H*W) @ (B, H*W, H*W) -> (B, C, H*W)
        h_ = h_.reshape(b, c, h, w)  # (B, C, H*W) -> (B, C, H, W)

        h_ = self.proj_out(h_)

        return x + h_


class LinAttnBlock(nn.Module):
    """Attention whose memory and time grow with H*W: keys and values meet first, in a C x C table.

    One head as wide as the block. Unlike `AttnBlock` it has neither a normalization nor a way
    around it: what it puts out replaces what came in.
    Upstream: model.py L144-147, and LinearAttention in ldm/modules/attention.py with ``heads=1``
    and ``dim_head=in_channels``. The softmax of the keys over the pixels is that of Shen et al.
    2018 (arXiv 1812.01243), who normalize the queries as well.
    """

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.to_qkv = nn.Conv2d(in_channels, in_channels * 3, kernel_size=1, bias=False)
        self.to_out = nn.Conv2d(in_channels, in_channels, kernel_size=1)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        b, c, h, w = x.shape
        qkv = self.to_qkv(x)  # (B, C, H, W) -> (B, 3*C, H, W)
        qkv = qkv.reshape(b, 3, c, h * w)  # (B, 3*C, H, W) -> (B, 3, C, H*W)
        q, k, v = qkv.permute(1, 0, 2, 3)  # (B, 3, C, H*W) -> 3 x (B, C, H*W)
        k = k.softmax(dim=-1)
        # what the image says as a whole, then what each pixel asks of it
        context = torch.einsum("bdn,ben->bde", k, v)  # (B, C, H*W), (B, C, H*W) -> (B, C, C)
        out = torch.einsum("bde,bdn->ben", context, q)  # (B, C, C), (B, C, H*W) -> (B, C, H*W)
        out = out.reshape(b, c, h, w)  # (B, C, H*W) -> (B, C, H, W)
        return self.to_out(out)


def make_attn(in_channels: int, attn_type: str = "vanilla") -> nn.Module:
    """The attention of that type, for feature maps of that many channels; "none" passes them on.

    Raises ValueError for any other type. Upstream: model.py L205-213.
    """
    if attn_type not in ATTN_TYPES:
        raise ValueError(unknown_attention(attn_type))
    if attn_type == "vanilla":
        return AttnBlock(in_channels)
    if attn_type == "none":
        return nn.Identity(in_channels)
    return LinAttnBlock(in_channels)
