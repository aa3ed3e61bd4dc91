"""Traces of UNets of any size, built by hand: what pictures and their times are tested on.

`ladder(levels, blocks)` goes down through `levels` resolutions with `blocks` blocks at each, pushes
what every block and downsampling puts out, and comes up again. All blocks run `steps` operations.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tracer.record import Block, Step, Trace, Value
from tracer.skip_links import SkipLink

CHANNELS = 8


@dataclass
class Builder:
    """A model that is being run: its steps, its blocks, and what was pushed and popped so far."""

    steps: list[Step] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    pushed: list[tuple[str, Value]] = field(default_factory=list)
    links: list[SkipLink] = field(default_factory=list)

    def step(self, op: str, block: str, inputs: tuple[Value, ...], shape: tuple[int, ...]) -> Value:
        value = Value(f"{op}_{len(self.steps)}", shape, "float32")
        weights = (Value(f"{block}.weight", (8, 8, 3, 3), "float32"),) if op == "conv2d" else ()
        self.steps.append(Step(op, inputs, (value,), block, weights))
        return value

    def block(self, path: str, x: Value, size: int, ops: tuple[str, ...] = ("conv2d",)) -> Value:
        """A block that puts out `CHANNELS` channels at a size, after these operations."""
        first, h = len(self.steps), x
        for op in ops:
            h = self.step(op, path, (h,), (1, CHANNELS, size, size))
        kind = "Resample" if size != x.shape[2] else "ResBlock"
        self.blocks.append(Block(path, path, kind, (x,), (h,), 0, 0, first, len(self.steps)))
        return h

    def push(self, h: Value) -> Value:
        self.pushed.append((self.blocks[-1].call, h))
        return h

    def pop(self, h: Value, target: str) -> Value:
        """The model itself joins what was pushed last, on the way to a block."""
        source, skip = self.pushed.pop()
        shape = (1, 2 * CHANNELS, *(int(size) for size in h.shape[2:]))
        joined = self.step("cat", "", (h, skip), shape)
        made = {step.outputs[0].name: n for n, step in enumerate(self.steps)}[skip.name]
        self.links.append(
            SkipLink(source, target, skip, h, joined, "cat", made, len(self.steps) - 1)
        )
        return joined


def ladder(
    levels: int, blocks: int = 1, ops: tuple[str, ...] = ("conv2d",)
) -> tuple[Trace, tuple[SkipLink, ...]]:
    """A UNet with that many levels and blocks a level, and its skips."""
    run = Builder()
    x = Value("x", (1, 3, 2**levels, 2**levels), "float32")
    h = run.push(run.block("conv_in", x, 2**levels))
    for level in range(levels):
        size = 2 ** (levels - level)
        if level:
            h = run.push(run.block(f"down.{level}.sample", h, size))
        for number in range(blocks):
            h = run.push(run.block(f"down.{level}.block.{number}", h, size, ops))
    h = run.block("mid", h, 2, ops)
    for level in reversed(range(levels)):
        size = 2 ** (levels - level)
        for number in range(blocks + 1):
            path = f"up.{level}.block.{number}"
            h = run.block(path, run.pop(h, path), size, ops)
        if level:
            h = run.block(f"up.{level}.sample", h, 2 * size)
    root = Block("", "", "Ladder", (x,), (h,), 0, 0, 0, len(run.steps), tuple(run.blocks))
    return Trace("Ladder", (x,), (h,), tuple(run.steps), root), tuple(run.links)
