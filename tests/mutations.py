"""Changes of the reference model: those that a check has to notice, and those that it must not."""

from __future__ import annotations

from dataclasses import dataclass

from tests.mutants import Edit


@dataclass(frozen=True)
class Mutation:
    """A change of the source, and how a check has to name its cause."""

    name: str
    edits: tuple[Edit, ...]
    cause: str


def change(name: str, cause: str, *edits: tuple[str, str, str]) -> Mutation:
    """A change in one or more places, each a file, what stands there, and what will."""
    return Mutation(name, tuple(Edit(f"{file}.py", old, new) for file, old, new in edits), cause)


def refactoring(name: str, *edits: Edit) -> Mutation:
    """A change of the code that changes nothing else."""
    return Mutation(name, edits, "")


MIDDLE = (
    "        h = self.mid.block_1(h, temb)\n"
    "        h = self.mid.attn_1(h)\n"
    "        h = self.mid.block_2(h, temb)\n"
)
PUSH = (
    "                if len(self.down[i_level].attn) > 0:\n"
    "                    h = self.down[i_level].attn[i_block](h)\n"
    "                hs.append(h)\n"
)
DROPOUT = "        h = self.norm2(h)\n        h = nonlinearity(h)\n        h = self.dropout(h)\n"
CAT = "torch.cat([h, hs.pop()], dim=1)"
CONV1 = "self.conv1 = nn.Conv2d(in_channels, out_channels, kernel_size=3, stride=1, padding=1)"

MUTATIONS = (
    change(
        "twice the channels",
        "changed conv_in outputs [1 32 16 16] [1 64 16 16]",
        ("network", "ch=32", "ch=64"),
    ),
    change(
        "wider at one level",
        "changed down.1.block.0.conv1 and 1 more outputs [1 64 8 8] [1 96 8 8]",
        ("network", "ch_mult=(1, 2, 2)", "ch_mult=(1, 3, 2)"),
    ),
    change(
        "one block fewer at each level",
        "removed down.0.block.1 and 2 more block ResnetBlock, 7 blocks",
        ("network", "num_res_blocks=2", "num_res_blocks=1"),
    ),
    change(
        "a level more",
        "added up.3.block.0 and 2 more block ResnetBlock, 8 blocks",
        ("network", "ch_mult=(1, 2, 2)", "ch_mult=(1, 2, 2, 2)"),
    ),
    change(
        "attention at another level",
        "added down.2.attn.0 and 4 more block AttnBlock, 6 blocks",
        ("network", "attn_resolutions=(8,)", "attn_resolutions=(4,)"),
    ),
    change(
        "no attention in the middle",
        "removed mid.attn_1 block AttnBlock, 6 blocks",
        ("model", "        h = self.mid.attn_1(h)\n", ""),
    ),
    change(
        "one block fewer in the middle",
        "removed mid.block_2 block ResnetBlock, 7 blocks",
        ("model", "        h = self.mid.block_2(h, temb)\n", ""),
    ),
    change(
        "attention first in the middle",
        "moved mid.block_1 place before attn_1 behind attn_1",
        ("model", MIDDLE, "".join(MIDDLE.splitlines(keepends=True)[n] for n in (1, 0, 2))),
    ),
    change(
        "linear attention",
        "changed down.1.attn.0 and 5 more class AttnBlock LinAttnBlock",
        ("network", "resolution=16,", "resolution=16, use_linear_attn=True,"),
    ),
    change(
        "two skips swapped",
        "changed skip into up.1.block.0 source down.1.attn.1 down.1.attn.0",
        ("model", CAT, "torch.cat([h, hs.pop(-2 if len(hs) == 6 else -1)], dim=1)"),
    ),
    change(
        "the first skip used twice",
        "changed skip into up.0.block.1 source down.0.block.0 conv_in",
        ("model", CAT, "torch.cat([h, hs.pop() if len(hs) > 2 else hs[0]], dim=1)"),
    ),
    change(
        "the skip in front in the cat",
        "changed skip into up.0.block.0 and 1 more join cat(h 64, skip 32) cat(skip 32, h 64)",
        ("model", CAT, "torch.cat([hs.pop(), h], dim=1)"),
    ),
    change(
        "pushed before the attention",
        "changed skip into up.1.block.0 source down.1.attn.1 down.1.block.1",
        ("model", PUSH, "".join(PUSH.splitlines(keepends=True)[n] for n in (2, 0, 1))),
    ),
    change(
        "the skip scaled through a convolution of its own",
        "added shortcut block Conv2d",
        ("model", CAT, "torch.cat([h, self.shortcut(hs.pop()) if len(hs) == 9 else hs.pop()], 1)"),
        (
            "model",
            "        self.mid = self._make_mid()\n",
            "        self.mid = self._make_mid()\n        self.shortcut = nn.Conv2d(64, 64, 1)\n",
        ),
    ),
    change(
        "another stride",
        "changed down.0.downsample.conv outputs [1 32 8 8] [1 32 16 16]",
        ("blocks", "stride=2, padding=0)", "stride=1, padding=0)"),
        ("blocks", "pad = (0, 1, 0, 1)", "pad = (1, 1, 1, 1)"),
        ("blocks", 'F.interpolate(x, scale_factor=2.0, mode="nearest")', "x"),
    ),
    change(
        "a larger kernel",
        "changed down.0.block.0.conv1 and 1 more weights [32 32 3 3], [32] [32 32 5 5], [32]",
        ("blocks", CONV1, CONV1.replace("3", "5").replace("padding=1", "padding=2")),
    ),
    change(
        "no convolution when resampling",
        "removed down.0.downsample.conv and 3 more block Conv2d",
        ("network", "resolution=16,", "resolution=16, resamp_with_conv=False,"),
    ),
    change(
        "a 3x3 shortcut",
        "changed down.1.block.0.nin_shortcut weights [64 32 1 1], [64] [64 32 3 3], [64]",
        (
            "blocks",
            "kernel_size=1, stride=1, padding=0\n",
            "kernel_size=3, stride=1, padding=1\n",
        ),
    ),
    change(
        "no way around the block",
        "changed down.0.block.0 and 16 more residual additions 1 0",
        ("blocks", "return x + h", "return h"),
    ),
    change(
        "no way around the attention",
        "changed down.1.attn.0 and 5 more residual additions 1 0",
        ("attention", "return x + h_", "return h_"),
    ),
    change(
        "no timestep in the blocks",
        "removed down.0.block.0.temb_proj and 16 more block Linear",
        (
            "blocks",
            "h = h + self.temb_proj(nonlinearity(temb))[:, :, None, None]",
            "h = h + temb.mean()",
        ),
    ),
    change(
        "a wider time embedding",
        "changed temb.dense.0 outputs [1 128] [1 256]",
        ("model", "self.temb_ch = self.ch * 4", "self.temb_ch = self.ch * 8"),
    ),
    change(
        "more channels in the output",
        "changed conv_out outputs [1 3 16 16] [1 6 16 16]",
        ("network", "out_ch=3", "out_ch=6"),
    ),
    change(
        "a convolution without a bias",
        "changed down.0.block.0.conv1 and 1 more weights [32 32 3 3], [32] [32 32 3 3]",
        ("blocks", CONV1, CONV1.replace("padding=1", "padding=1, bias=False")),
    ),
    change(
        "a convolution in groups",
        "changed down.0.block.0.conv1 and 1 more weights [32 32 3 3], [32] [32 1 3 3], [32]",
        ("blocks", CONV1, CONV1.replace("padding=1", "padding=1, groups=32")),
    ),
    change(
        "one block called twice in the middle",
        "added mid.block_1@1 block ResnetBlock, 7 blocks",
        (
            "model",
            "        h = self.mid.block_2(h, temb)\n",
            "        h = self.mid.block_1(h, temb)\n",
        ),
    ),
    change(
        "no second layer of the time embedding",
        "removed temb.dense.1 block Linear",
        ("model", "            temb = self.temb.dense[1](temb)\n", ""),
    ),
    change(
        "dropout in front of the second norm",
        "moved down.0.block.0.norm2 and 16 more place before dropout behind dropout",
        ("blocks", DROPOUT, "".join(DROPOUT.splitlines(keepends=True)[n] for n in (2, 0, 1))),
    ),
    change(
        "no norm in front of the attention",
        "removed down.1.attn.0.norm and 5 more block GroupNorm",
        ("attention", "h_ = self.norm(h_)", "h_ = h_ * 1.0"),
    ),
    change(
        "numbers of half the precision",
        "changed (the model) outputs [1 3 16 16] f16[1 3 16 16]",
        ("model", "        h = self.conv_out(h)  #", "        h = self.conv_out(h).half()  #"),
    ),
    change(
        "each skip added before it is concatenated",
        "changed skip into up.0.block.2 and 1 more join cat(h 32, skip 32) add",
        (
            "model",
            CAT,
            "torch.cat([h + hs[-1] if h.shape == hs[-1].shape else h, hs.pop()], dim=1)",
        ),
    ),
    change(
        "a skip that is only as large as one",
        "changed skip into up.1.block.1 target up.1.block.1 (not joined)",
        (
            "model",
            CAT,
            "torch.cat([h, hs.pop() if len(hs) != 5 else torch.zeros_like(hs.pop())], 1)",
        ),
    ),
    change(
        "a way past the middle",
        "added skip into up.2.block.0 skip down.2.block.1 -> up.2.block.0",
        (
            "model",
            "        h = self.mid.block_2(h, temb)\n",
            "        h = self.mid.block_2(h, temb) + hs[-1]\n",
        ),
    ),
    change(
        "every size allowed",
        "changed (the model) size rule for H, W multiples of 4, at least 4 at least 4",
        ("model", CAT, "torch.cat([F.interpolate(h, hs[-1].shape[2:]), hs.pop()], dim=1)"),
        ("model", "import torch\n", "import torch\nimport torch.nn.functional as F\n"),
    ),
    change(
        "the skips scaled",
        "changed skip into up.0.block.2 and 8 more done on the way mul",
        ("model", CAT, "torch.cat([h, hs.pop() * 2**-0.5], dim=1)"),
    ),
    change(
        "a renamed block",
        "renamed mid.attention name mid.attn_1 mid.attention, 6 blocks",
        ("model", "mid.attn_1 =", "mid.attention ="),
        ("model", "self.mid.attn_1(h)", "self.mid.attention(h)"),
    ),
    change(
        "a buffer for the noise",
        "changed (the model) buffers 0 1,000",
        (
            "model",
            "        self.mid = self._make_mid()\n",
            "        self.mid = self._make_mid()\n"
            '        self.register_buffer("betas", torch.linspace(0, 1, 1000))\n',
        ),
    ),
)
"""Each changes shapes, parameters, skips or joins."""

BROKEN = (
    change(
        "skips popped from the wrong end",
        "Operation: cat(",
        ("model", CAT, "torch.cat([h, hs.pop(0)], dim=1)"),
    ),
    change(
        "a skip pushed twice",
        "raised in block up.1.block.2.norm1 (GroupNorm)",
        (
            "model",
            "                hs.append(h)\n",
            "                hs += [h, h] if i_level == 1 else [h]\n",
        ),
    ),
    change(
        "a stride that the way up does not know",
        "Operation: cat(",
        ("blocks", "stride=2, padding=0)", "stride=3, padding=0)"),
    ),
    change(
        "a skip that is never popped",
        "Operation: cat(",
        ("model", CAT, "torch.cat([h, hs[0]], dim=1)"),
    ),
)
"""Each makes the model fail, where there is nothing to compare."""

UNSEEN = (
    refactoring(
        "another number of groups",
        Edit("blocks.py", "num_groups=num_groups,", "num_groups=num_groups // 2,"),
    ),
    refactoring("another way to enlarge", Edit("blocks.py", 'mode="nearest"', 'mode="bilinear"')),
    refactoring("another activation", Edit("blocks.py", "x * torch.sigmoid(x)", "torch.relu(x)")),
    refactoring(
        "another padding",
        Edit("blocks.py", CONV1, CONV1.replace("padding=1", 'padding=1, padding_mode="circular"')),
    ),
    refactoring(
        "another scale in the attention",
        Edit("attention.py", "w_ * (c ** (-0.5))", "w_ * (c ** (-1.0))"),
    ),
)
"""Each computes something else with the same shapes, which the guide says a check does not see."""

ATTENTION = """        q = q.reshape(b, c, h * w)  # (B, C, H, W) -> (B, C, H*W)
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
"""
FUSED = """        q, k, v = (one.flatten(2).transpose(1, 2) for one in (q, k, v))
        h_ = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, c, h, w)
"""
PROJECTIONS = "        q = self.q(h_)\n        k = self.k(h_)\n        v = self.v(h_)\n"

REFACTORINGS = (
    refactoring("another name for the list", Edit("model.py", "hs", "skips", 9)),
    refactoring(
        "a deque for the list",
        Edit("model.py", "hs = [self.conv_in(x)]", "hs = deque([self.conv_in(x)])"),
        Edit("model.py", "import torch\n", "from collections import deque\n\nimport torch\n"),
    ),
    refactoring(
        "a dict for the list",
        Edit("model.py", "hs = [self.conv_in(x)]", "hs = {0: self.conv_in(x)}"),
        Edit("model.py", "hs[-1]", "hs[len(hs) - 1]", 3),
        Edit("model.py", "hs.append(h)", "hs[len(hs)] = h"),
        Edit("model.py", "hs.append(self.down", "hs.setdefault(len(hs), self.down"),
        Edit("model.py", "hs.pop()", "hs.pop(len(hs) - 1)"),
    ),
    refactoring(
        "a fused activation",
        Edit("blocks.py", "return x * torch.sigmoid(x)", "return F.silu(x)"),
    ),
    refactoring("fused attention", Edit("attention.py", ATTENTION, FUSED)),
    refactoring(
        "queries after keys",
        Edit("attention.py", PROJECTIONS, "".join(reversed(PROJECTIONS.splitlines(keepends=True)))),
    ),
    refactoring("a function for an operator", Edit("blocks.py", "return x + h", "return h.add(x)")),
    refactoring(
        "the middle in a method of its own",
        Edit("model.py", MIDDLE, "        h = self._middle(h, temb)\n"),
        Edit(
            "model.py",
            "    def get_last_layer",
            "    def _middle(self, h, temb):\n"
            + MIDDLE
            + "        return h\n\n    def get_last_layer",
        ),
    ),
    refactoring(
        "another name for a class",
        Edit("blocks.py", "ResnetBlock", "ResBlock"),
        Edit("model.py", "ResnetBlock", "ResBlock", 3),
        Edit("__init__.py", "ResnetBlock", "ResBlock", 3),
    ),
)
"""Each leaves every shape as it is."""
