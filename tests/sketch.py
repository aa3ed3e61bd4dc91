"""Traces of small models, written by hand: a forward is a function that calls a `Sketch`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tracer.record import Block, Dim, Step, Trace, Value

Forward = Callable[..., Value]


@dataclass
class Sketch:
    """A model while it runs: what it did so far, and the blocks that have not returned yet."""

    inputs: list[Value] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    running: list[tuple[str, list[Block]]] = field(default_factory=lambda: [("", [])])

    def input(self, name: str, *shape: Dim) -> Value:
        self.inputs.append(Value(name, shape, "float32"))
        return self.inputs[-1]

    def op(
        self, name: str, *inputs: Value, shape: tuple[Dim, ...] = (), weight: tuple[int, ...] = ()
    ) -> Value:
        """An operation of the innermost block; it keeps the shape of its first input, or not."""
        value = Value(f"{name}_{len(self.steps)}", shape or inputs[0].shape, "float32")
        block = self.running[-1][0]
        weights = (Value(f"{block}.weight", weight, "float32"),) if weight else ()
        self.steps.append(Step(name, inputs, (value,), block, weights))
        return value

    def call(self, path: str, forward: Forward, *inputs: Value, kind: str = "Block") -> Value:
        """Call the module at a path; a block that gives back what it took ran nothing."""
        first = len(self.steps)
        self.running.append((path, []))
        output = forward(self, *inputs)
        _, children = self.running.pop()
        ran = first, len(self.steps), tuple(children)
        self.running[-1][1].append(Block(path, path, kind, inputs, (output,), 0, 0, *ran))
        return output

    def trace(self, *outputs: Value) -> Trace:
        """What the model did, when it gives these back."""
        inputs = tuple(self.inputs)
        ran = 0, len(self.steps), tuple(self.running[-1][1])
        root = Block("", "", "Sketch", inputs, outputs, 0, 0, *ran)
        return Trace("Sketch", inputs, outputs, tuple(self.steps), root)


def conv(shape: tuple[Dim, ...] = ()) -> Forward:
    """The forward of a convolution; it keeps the shape unless told another."""

    def forward(run: Sketch, x: Value, *_: Value) -> Value:
        return run.op("conv2d", x, shape=shape, weight=(8, 8, 3, 3))

    return forward


def residual(shape: tuple[Dim, ...] = ()) -> Forward:
    """The forward of a residual block, with a block for each convolution."""

    def forward(run: Sketch, x: Value, *_: Value) -> Value:
        path = run.running[-1][0]
        h = run.call(f"{path}.conv", conv(shape), x)
        short = run.call(f"{path}.short", conv(shape), x)
        return run.op("add", short, h)

    return forward


def series(*forwards: Forward) -> Forward:
    """The forward of a sequence of blocks: `path.0`, `path.1` and so on."""

    def forward(run: Sketch, x: Value) -> Value:
        path = run.running[-1][0]
        for number, inner in enumerate(forwards):
            x = run.call(f"{path}.{number}", inner, x)
        return x

    return forward
