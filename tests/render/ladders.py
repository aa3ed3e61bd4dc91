"""UNets of any size, made by hand: what pictures and the time that they take are tested on.

`ladder(levels, blocks)` goes down through `levels` resolutions with `blocks` blocks at each, pushes
what every block and every downsampling puts out, and comes up again, popping last what was pushed
first. Every block runs the operations `ops`.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.sketch import Forward, Sketch
from tracer.analysis.skips import SkipLink
from tracer.record import Trace, Value

Pushed = list[tuple[str, Value, int]]


def ladder(
    levels: int, blocks: int = 1, ops: tuple[str, ...] = ("conv2d",)
) -> tuple[Trace, tuple[SkipLink, ...]]:
    """A UNet with that many levels, that many blocks at each, and its skips."""
    run, pushed, links = Sketch(), Pushed(), []
    h = run.input("x", 1, 3, 2**levels, 2**levels)
    for path, size in down(levels, blocks):
        h = run.call(path, forward(size, ops), h)
        pushed.append((path, h, len(run.steps) - 1))
    h = run.call("mid", forward(2, ops), h)
    for path, size, pops in up(levels, blocks):
        if pops:
            links.append(pop(run, h, pushed, path))
            h = links[-1].result
        h = run.call(path, forward(size, ops), h)
    return run.trace(h), tuple(links)


def down(levels: int, blocks: int) -> Iterator[tuple[str, int]]:
    """The blocks of the encoder, and the size that each puts out."""
    yield "conv_in", 2**levels
    for level in range(levels):
        if level:
            yield f"down.{level}.sample", 2 ** (levels - level)
        for number in range(blocks):
            yield f"down.{level}.block.{number}", 2 ** (levels - level)


def up(levels: int, blocks: int) -> Iterator[tuple[str, int, bool]]:
    """The blocks of the decoder, the size that each puts out, and whether it pops."""
    for level in reversed(range(levels)):
        for number in range(blocks + 1):
            yield f"up.{level}.block.{number}", 2 ** (levels - level), True
        if level:
            yield f"up.{level}.sample", 2 ** (levels - level + 1), False


def forward(size: int, ops: tuple[str, ...]) -> Forward:
    """The forward of a block that puts out 8 channels of a size."""

    def run_ops(run: Sketch, h: Value) -> Value:
        for op in ops:
            weight = (8, 8, 3, 3) if op == "conv2d" else ()
            h = run.op(op, h, shape=(1, 8, size, size), weight=weight)
        return h

    return run_ops


def pop(run: Sketch, h: Value, pushed: Pushed, target: str) -> SkipLink:
    """The model joins what it pushed last, for a block to take."""
    source, value, step = pushed.pop()
    joined = run.op("cat", h, value, shape=(1, 16, *h.shape[2:]))
    return SkipLink(source, target, value, h, joined, "cat", step, len(run.steps) - 1)
