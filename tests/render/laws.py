"""A law, and an explanation, written by hand: what their renderers are tested on."""

from __future__ import annotations

from tracer.analysis.shape_mismatch import Rounding, ShapeMismatch
from tracer.analysis.size_rules import Cause, Rule, SizeRules, Trial
from tracer.analysis.value_origin import StepLocation
from tracer.record import Value
from tracer.sizing.explanation import Advice, Explanation, Padding

CLASH = ShapeMismatch(
    op="cat",
    skip=Value("add", (1, 8, 15, 16), "float32"),
    other=Value("up", (1, 16, 14, 16), "float32"),
    axis=2,
    sizes=(15, 14),
    pushed=StepLocation("down.0.block", "models/unet.py", 74),
    other_origin=StepLocation("up.1.upsample", "models/blocks.py", 51),
    popped=StepLocation("", "models/unet.py", 83),
    stack="hs",
    rounding=Rounding("conv2d", StepLocation("down.0.downsample", "models/blocks.py", 75), 15, 7),
    target="up.0.block.0",
)
ERROR = "RuntimeError: Sizes of tensors must match."
CAUSE = Cause(15, ERROR, "cat", StepLocation("", "models/unet.py", 83), CLASH)

BATCH = Rule("B", 1, 1, 1, trials=(Trial(1, True), Trial(2, True)))
TRIALS = (Trial(2, True), Trial(15, False), Trial(16, True))
HEIGHT = Rule("H", 16, 2, 2, trials=TRIALS, causes=(CAUSE,))
WIDTH = Rule("W", 16, 2, 2, trials=TRIALS, causes=(CAUSE,))

LAW = SizeRules(
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
