"""A runner of toy models: functions that only compute shapes, so that a run takes microseconds.

A toy model takes a `ToyRun` and the values of its inputs, and notes its operations:

    def halves(run: ToyRun, x: Value) -> None:
        skip = run.op("conv2d", x.shape, x)
        low = run.op("pool", (*x.shape[:2], x.shape[2] // 2, x.shape[3] // 2), skip)
        run.cat(run.scale(low, 2), skip)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tracer.record import Block, Step, Trace, Value
from tracer.sizing.axes import Axes, tensors_of
from tracer.sizing.axis_candidates import propose_axes
from tracer.sizing.runner import RunFailure, Sample, TensorShape, TracedRun, sample_of

ToyModel = Callable[..., None]


class ToyError(Exception):
    """Ends a run; `operands` are those of the operation that failed, if one did."""

    def __init__(self, message: str, op: str | None = None, operands: tuple[Value, ...] = ()):
        super().__init__(message)
        self.op, self.operands = op, operands


@dataclass
class ToyRun:
    """One run: what the model notes of itself, and the numbers that it is built with."""

    settings: Mapping[str, int]
    seed: int = 0
    steps: list[Step] = field(default_factory=list)

    def op(self, name: str, shape: tuple[Any, ...], *inputs: Value, flops: int = 0) -> Value:
        """Note an operation, and return its output."""
        number = len(self.steps)
        output = Value(f"{name}_{number}", tuple(shape), "float32")
        step = Step(name, inputs, (output,), "", file="toy.py", line=number + 1, flops=flops)
        self.steps.append(step)
        return output

    def cat(self, one: Value, two: Value, axis: int = 1) -> Value:
        """Concatenate two values, all other axes of which have to be equal."""
        for position, pair in enumerate(zip(one.shape, two.shape, strict=True)):
            if position != axis and pair[0] != pair[1]:
                raise ToyError(f"{pair[0]} is not {pair[1]}", "cat", (one, two))
        shape = list(one.shape)
        shape[axis] = int(one.shape[axis]) + int(two.shape[axis])
        return self.op("cat", tuple(shape), one, two)

    def scale(self, value: Value, factor: int) -> Value:
        """Make an image larger."""
        batch, channels, *space = map(int, value.shape)
        return self.op("interpolate", (batch, channels, *(factor * size for size in space)), value)


class ToyRunner:
    """Runs a toy model on inputs of these shapes; counts how many runs were made."""

    def __init__(
        self,
        model: ToyModel,
        *,
        settings: Mapping[str, int] | None = None,
        real: bool = False,
        **shapes: TensorShape,
    ) -> None:
        self._model = model
        self.settings = settings or {}
        self.uses_real_data = real
        self.inputs = {name: (Value(name, shape, "float32"),) for name, shape in shapes.items()}
        self.runs: list[dict[str, TensorShape]] = []

    def run(self, shapes: Mapping[str, TensorShape], settings: Mapping[str, int]) -> Sample:
        self.runs.append(dict(shapes))
        return self._sample(self._run(shapes, settings))

    def run_reseeded(self) -> Sample:
        return self._sample(self._run({}, self.settings, seed=1))

    def trace(
        self, shapes: Mapping[str, TensorShape], settings: Mapping[str, int], *, lines: bool
    ) -> TracedRun:
        return self._run(shapes, settings)

    def _sample(self, run: TracedRun) -> Sample:
        return replace(sample_of(run.trace), failure=run.failure)

    def _run(
        self, shapes: Mapping[str, TensorShape], settings: Mapping[str, int], seed: int = 0
    ) -> TracedRun:
        given = tensors_of(self.inputs)
        inputs = tuple(replace(one, shape=shapes.get(one.name, one.shape)) for one in given)
        run, failure = ToyRun(settings, seed), None
        try:
            self._model(run, *inputs)
        except ToyError as error:
            failure = RunFailure("ToyError", str(error), op=error.op, operands=error.operands)
        outputs = run.steps[-1].outputs if run.steps else ()
        root = Block("", "", "Toy", inputs, outputs, 0, 0, 0, len(run.steps))
        return TracedRun(Trace("Toy", inputs, outputs, tuple(run.steps), root), failure)


def base_of(runner: ToyRunner) -> Trace:
    """The trace at the given sizes."""
    return runner.trace({}, runner.settings, lines=False).trace


def axes_of(runner: ToyRunner, dims: Mapping[str, Any] | None = None) -> list[Axes]:
    """The names that the axes may have."""
    return propose_axes(runner.inputs, dims, runner.settings)


def works(runner: ToyRunner, **sizes: int) -> bool:
    """Whether the model works at sizes by the most likely names."""
    axes = axes_of(runner)[0]
    return runner.run(axes.shapes(sizes), axes.settings_at(sizes)).worked


def image(value: Value, height: int, width: int, channels: int | None = None) -> TensorShape:
    """The shape of an image with the batch of another, and the channels if none are given."""
    return (value.shape[0], channels or value.shape[1], height, width)


def halves(run: ToyRun, x: Value, levels: int = 2) -> None:
    """A UNet that rounds down when it halves, so that only multiples of 2**levels fit."""
    h, skips = x, []
    for _ in range(levels):
        skips.append(h)
        height, width = (int(size) // 2 for size in h.shape[2:])
        if not (height and width):
            raise ToyError("nothing is left", "conv2d", (h,))
        h = run.op("conv2d", image(h, height, width, 4), h, flops=72 * height * width)
    for skip in reversed(skips):
        h = run.cat(run.scale(h, 2), skip)


def rounds_up(run: ToyRun, x: Value) -> None:
    """Halves, rounds up, and resizes to the skip: any size works."""
    height, width = map(int, x.shape[2:])
    low = run.op("conv2d", image(x, -(-height // 2), -(-width // 2)), x)
    run.cat(run.op("interpolate", x.shape, low), x)


def pads(run: ToyRun, x: Value) -> None:
    """Pads an image to a multiple of 4 first: other operations at other sizes."""
    height, width = map(int, x.shape[2:])
    if height % 4 or width % 4:
        x = run.op("pad", image(x, height + -height % 4, width + -width % 4), x)
    halves(run, x)


def square(run: ToyRun, x: Value) -> None:
    """Multiplies an image by its transpose."""
    height, width = map(int, x.shape[2:])
    turned = run.op("transpose", image(x, width, height), x)
    if height != width:
        raise ToyError(f"{height} is not {width}", "mul", (x, turned))
    run.op("mul", x.shape, x, turned)


def only_8(run: ToyRun, x: Value) -> None:
    """Adds a table of positions for images of 8x8."""
    if tuple(x.shape[2:]) != (8, 8):
        raise ToyError("the table has 8x8 positions", "add", (x,))
    run.op("add", x.shape, x)


def pairs(run: ToyRun, x: Value) -> None:
    """Views a batch as pairs."""
    batch, channels, *space = map(int, x.shape)
    if batch % 2:
        raise ToyError(f"a batch of {batch} has no pairs", "view", (x,))
    run.op("view", (batch // 2, 2 * channels, *space), x)


def attends(run: ToyRun, x: Value, context: Value) -> None:
    """Tokens of an image attend to themselves and to those of a text."""
    batch, channels, height, width = map(int, x.shape)
    tokens = run.op("flatten", (batch, height * width, channels), x)
    both = run.cat(tokens, context, axis=1)
    count = int(both.shape[1])
    run.op("attention", tokens.shape, tokens, both, flops=batch * height * width * count * channels)


def at_least_6(run: ToyRun, x: Value) -> None:
    """Pads by reflection of 5 pixels, and loses a rim of 2 in a convolution."""
    height, width = map(int, x.shape[2:])
    if min(height, width) < 6:
        raise ToyError("padding has to be smaller than the image", "pad", (x,))
    padded = run.op("pad", image(x, height + 10, width + 10), x)
    run.op("conv2d", image(x, height + 8, width + 8), padded)


def at_most_6_frames(run: ToyRun, x: Value) -> None:
    """Positions of six frames, and a convolution of four channels."""
    if int(x.shape[2]) != 4:
        raise ToyError("there are 4 channels", "conv2d", (x,))
    if int(x.shape[1]) > 6:
        raise ToyError("there are 6 positions", "add", (x,))
    run.op("add", x.shape, x)


def small_and_square_fails(run: ToyRun, x: Value) -> None:
    """Works at any size by itself, but not at too few numbers."""
    batch, _, height, width = map(int, x.shape)
    if batch * height * width < 4:
        raise ToyError("too little")
    run.op("neg", x.shape, x)


def channels(run: ToyRun, x: Value) -> None:
    """Twice as many channels as it is built with, which have to be a multiple of 32."""
    ch = run.settings["ch"]
    if ch % 32:
        raise ToyError(f"32 groups of {ch} channels")
    h = run.op("conv2d", (x.shape[0], ch, *x.shape[2:]), x, flops=27 * ch)
    run.op("conv2d", (x.shape[0], 2 * ch, *x.shape[2:]), h, flops=18 * ch * ch)


def rows(run: ToyRun, x: Value) -> None:
    """One operation per row of an image."""
    for _ in range(int(x.shape[2])):
        run.op("sin", x.shape, x)


def positive(run: ToyRun, x: Value) -> None:
    """Picks the positive values: how many there are, no size tells."""
    count = 5 * int(x.shape[0]) + run.seed
    run.op("index", (count,), x)


def attends_to_itself(run: ToyRun, x: Value) -> None:
    """Halves three times, and attends to itself in between."""
    batch, channels, height, width = map(int, x.shape)
    tokens = run.op("flatten", (batch, height * width, channels), x)
    run.op("attention", tokens.shape, tokens, tokens, flops=4 * batch * (height * width) ** 2)
    halves(run, x, levels=3)
