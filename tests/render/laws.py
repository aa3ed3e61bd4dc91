"""A law, and an explanation, written by hand: what their renderers are tested on."""

from __future__ import annotations

from tracer.clashes import Clash, Place, Rounding
from tracer.explanations import Advice, Explanation, Padding
from tracer.laws import Cause, Law, Rule, Trial
from tracer.record import Value

CLASH = Clash(
    op="cat",
    skip=Value("add", (1, 8, 15, 16), "float32"),
    other=Value("up", (1, 16, 14, 16), "float32"),
    axis=2,
    sizes=(15, 14),
    pushed=Place("down.0.block", "models/unet.py", 74),
    grown=Place("up.1.upsample", "models/blocks.py", 51),
    popped=Place("", "models/unet.py", 83),
    stack="hs",
    rounding=Rounding("conv2d", Place("down.0.downsample", "models/blocks.py", 75), 15, 7),
    into="up.0.block.0",
)
ERROR = "RuntimeError: Sizes of tensors must match."
CAUSE = Cause(15, ERROR, "cat", Place("", "models/unet.py", 83), CLASH)

BATCH = Rule("B", 1, 1, 1, trials=(Trial(1, True), Trial(2, True)))
TRIALS = (Trial(2, True), Trial(15, False), Trial(16, True))
HEIGHT = Rule("H", 16, 2, 2, trials=TRIALS, causes=(CAUSE,))
WIDTH = Rule("W", 16, 2, 2, trials=TRIALS, causes=(CAUSE,))

LAW = Law(
    "ToyUNet",
    {"x": ("B", "3", "H", "W"), "t": ()},
    (BATCH, HEIGHT, WIDTH),
    target="unet.py:ToyUNet",
)

FAILS = Explanation(
    model="ToyUNet",
    inputs=(Value("x", (1, 3, 15, 16), "float32"),),
    sizes={"B": 1, "H": 15, "W": 16},
    axes={"x": ("B", "3", "H", "W")},
    cause=CAUSE,
    advice=(Advice("H", 15, 14, 16, HEIGHT),),
    padding=(Padding("x", (0, 0, 0, 1), "[..., 0:15, 0:16]"),),
    target="unet.py:ToyUNet",
)
