"""A hand-built record of `tests/toy_unet.py`: what a renderer, a check or a finder is tested on.

`example()` has numbers for sizes, `symbolic_example()` formulas, `links()` the three skips. Every
line, shape and parameter is what the model in that file has, but nothing here imports torch: the
forward is written out again below, as calls to a `Recording`. There are 12 blocks below the model
(`mid.block` is called twice) and their children, one list `hs` with three pushes and three pops.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from math import prod
from pathlib import Path

from tracer.analysis.skips import SkipLink
from tracer.record import Block, Change, Dim, Line, Step, Trace, Value
from tracer.target_spec import TargetSpec

FILE = "tests/toy_unet.py"
SOURCE = (Path(__file__).parents[1] / FILE).read_text(encoding="utf-8").splitlines()


ARGUMENT = re.compile(r"(\w+): Tensor")
LEVELS = "for level in reversed(range(2)):"
BLOCKS = "for block in self.up[level].block:"


@dataclass(frozen=True)
class Sizes:
    """The sizes that depend on the input; the lower resolution is half of the input's."""

    batch: Dim
    full: tuple[Dim, Dim]
    half: tuple[Dim, Dim]
    half_area: Dim


NUMBERS = Sizes(1, (16, 16), (8, 8), 64)
FORMULAS = Sizes("B", ("H", "W"), ("H/2", "W/2"), "H*W/4")


@dataclass
class Frame:
    """A call that has not returned: what it ran so far, and where its `forward` stands."""

    path: str
    call: str
    function: str
    at: int
    number: int
    entry: tuple[tuple[str, Value], ...]
    children: list[Block] = field(default_factory=list)
    parameters: dict[str, int] = field(default_factory=dict)
    depth: int = 0


@dataclass
class Touched:
    """What one line did: filled in while the line runs."""

    names: dict[str, Value] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    reads: list[tuple[str, Value]] = field(default_factory=list)


VIEWS = {"chunk", "flatten", "getitem", "reshape", "transpose"}
"""The operations of this forward that put nothing into memory of its own."""


class Recording:
    """Collects the steps, blocks and lines of one forward that is written out by hand."""

    def __init__(self, sizes: Sizes) -> None:
        self.sizes = sizes
        self.steps: list[Step] = []
        self.lines: list[Line] = []
        self.frames: list[Frame] = []
        self.root: Block
        self.named: Counter[str] = Counter()
        self.called: Counter[str] = Counter()
        self.functions = 0
        """How many calls of a `forward` with source have begun."""

    def value(self, name: str, shape: tuple[Dim, ...], dtype: str = "float32") -> Value:
        number = self.named[name]
        self.named[name] += 1
        return Value(f"{name}_{number}" if number else name, shape, dtype)

    def step(
        self,
        op: str,
        inputs: tuple[Value, ...],
        *shapes: tuple[Dim, ...],
        weights: tuple[Value, ...] = (),
        flops: int | None = None,
    ) -> tuple[Value, ...]:
        """One operation of the innermost call, at the line that runs in the model's own source."""
        whole = self.value(op, shapes[0])
        outputs = (whole,) if len(shapes) == 1 else tuple(_parts(whole, shapes))
        frame = self.frames[-1]
        frame.parameters |= {weight.name: numbers(weight) for weight in weights}
        line = next(f.at for f in reversed(self.frames) if f.function)
        base = inputs[0].name if op in VIEWS else None
        step = Step(op, inputs, outputs, frame.call, weights, FILE, line, flops, base)
        self.steps.append(step)
        return outputs

    def weights(self, **shapes: tuple[int, ...]) -> tuple[Value, ...]:
        """Parameters of the innermost module."""
        path = self.frames[-1].path
        return tuple(Value(f"{path}.{name}", shape, "float32") for name, shape in shapes.items())

    def call(self, name: str, kind: str, forward: Forward, *inputs: Value) -> Value:
        """Call the submodule `name` of the innermost call; `forward` runs it."""
        path = f"{self.frames[-1].path}.{name}" if self.frames and self.frames[-1].path else name
        frame, first = self.enter(path, kind, inputs), len(self.steps)
        output = forward(self, *inputs)
        self.leave(frame, kind, first, inputs, (output,))
        return output

    def enter(self, path: str, kind: str, inputs: tuple[Value, ...]) -> Frame:
        number = self.called[path]
        self.called[path] += 1
        function, at = forward_of(kind)
        entry = tuple(zip(ARGUMENT.findall(SOURCE[at - 1]), inputs, strict=True)) if at else ()
        call = f"{path}@{number}" if number else path
        self.frames.append(Frame(path, call, function, at, self.functions, entry))
        self.functions += bool(function)
        return self.frames[-1]

    def leave(
        self,
        frame: Frame,
        kind: str,
        first: int,
        inputs: tuple[Value, ...],
        outputs: tuple[Value, ...],
    ) -> None:
        """The call returns: its block goes to its caller, and its parameters count there, too."""
        self.frames.pop()
        own = sum(size for name, size in frame.parameters.items() if is_own(name, frame.path))
        block = Block(
            call=frame.call,
            path=frame.path,
            kind=kind,
            inputs=inputs,
            outputs=outputs,
            parameters=sum(frame.parameters.values()),
            own_parameters=own,
            first=first,
            last=len(self.steps),
            children=tuple(frame.children),
        )
        if self.frames:
            self.frames[-1].children.append(block)
            self.frames[-1].parameters |= frame.parameters
        else:
            self.root = block

    @contextmanager
    def line(self, text: str, *before: str, **sets: str) -> Iterator[Touched]:
        """One execution of the source line that reads `text`, in the innermost call.

        The lines `before` it touched no tensor, and `sets` are the small values that are new.
        """
        frame, first, touched = self.frames[-1], len(self.steps), Touched()
        passed = [go_to(quiet, frame) for quiet in before]
        go_to(text, frame)
        place = len(self.lines)  # lines stand in the order in which they began
        yield touched
        line = Line(
            block=frame.call,
            function=frame.function,
            file=FILE,
            line=frame.at,
            first=first,
            last=len(self.steps),
            names=tuple(touched.names.items()),
            changes=tuple(touched.changes),
            reads=tuple(touched.reads),
            frame=frame.number,
            before=tuple(passed),
            sets=tuple(sets.items()),
            entry=frame.entry,
        )
        frame.entry = ()
        self.lines.insert(place, line)

    def change(self, touched: Touched, kind: str, value: Value) -> Value:
        """The list `hs` of the innermost call gains or loses `value`."""
        frame = self.frames[-1]
        frame.depth += 1 if kind == "push" else -1
        is_push = kind == "push"
        existed = is_push and frame.depth > 1
        touched.changes.append(
            Change("push" if is_push else "pop", "hs", value, frame.depth, existed)
        )
        return value


def _parts(whole: Value, shapes: tuple[tuple[Dim, ...], ...]) -> Iterator[Value]:
    """The tensors of an operation that puts out several: `chunk.0`, `chunk.1`."""
    for number, shape in enumerate(shapes):
        yield replace(whole, name=f"{whole.name}.{number}", shape=shape)


Forward = Callable[..., Value]
Below = tuple[list[Value], Value]


def numbers(value: Value) -> int:
    """How many numbers a tensor without symbols holds."""
    return prod(int(size) for size in value.shape)


def is_own(parameter: str, path: str) -> bool:
    return parameter.rpartition(".")[0] == path


def forward_of(kind: str) -> tuple[str, int]:
    """Name and line of the `forward` of a class of the toy; ("", 0) for a class of torch's."""
    if f"class {kind}(nn.Module):" not in SOURCE:
        return "", 0
    start = SOURCE.index(f"class {kind}(nn.Module):")
    offset = next(i for i, text in enumerate(SOURCE[start:]) if "def forward" in text)
    return f"{kind}.forward", start + offset + 1


def go_to(text: str, frame: Frame) -> int:
    """The call goes to the line that reads `text`; its number."""
    frame.at = number_of(text, frame)
    return frame.at


def number_of(text: str, frame: Frame) -> int:
    """The line that reads `text`, below the line where the call stands or, in a loop, above it."""
    found = [n for n, line in enumerate(SOURCE, 1) if line.strip() == text]
    start = forward_of(frame.function.partition(".")[0])[1]
    return next(n for n in chain((n for n in found if n > frame.at), found) if n > start)


def conv2d(channels: int, kernel: int = 3, size: str = "") -> Forward:
    """The forward of an `nn.Conv2d`; `size` names the resolution that it puts out, when another."""

    def forward(run: Recording, x: Value) -> Value:
        batch, before, *plane = x.shape
        plane = list(getattr(run.sizes, size)) if size else plane
        shape = (batch, channels, *plane)
        weights = run.weights(
            weight=(channels, int(before), kernel, kernel),
            bias=(channels,),
        )
        flops = multiply_adds(shape, int(before) * kernel * kernel)
        return run.step("conv2d", (x,), shape, weights=weights, flops=flops)[0]

    return forward


def linear(features: int) -> Forward:
    """The forward of an `nn.Linear`."""

    def forward(run: Recording, x: Value) -> Value:
        shape = (*x.shape[:-1], features)
        weights = run.weights(weight=(features, int(x.shape[-1])), bias=(features,))
        flops = multiply_adds(shape, int(x.shape[-1]))
        return run.step("linear", (x,), shape, weights=weights, flops=flops)[0]

    return forward


def multiply_adds(shape: tuple[Dim, ...], each: int) -> int | None:
    """FLOPs where every number of the output takes `each` multiply-adds; None with formulas."""
    sizes = [size for size in shape if isinstance(size, int)]
    return 2 * prod(sizes) * each if len(sizes) == len(shape) else None


def embedding(run: Recording, index: Value) -> Value:
    """The forward of an `nn.Embedding(1000, 16)`."""
    weights = run.weights(weight=(1000, 16))
    return run.step("embedding", (index,), (*index.shape, 16), weights=weights)[0]


def add(run: Recording, a: Value, b: Value) -> Value:
    """`a + b`, where `b` has the shape of `a` or is spread over it."""
    return run.step("add", (a, b), a.shape)[0]


def res_block(channels: int) -> Forward:
    """The forward of a `ResBlock` that puts out `channels`."""

    def forward(run: Recording, x: Value, temb: Value) -> Value:
        with run.line("h = self.conv(x)") as line:
            line.names["h"] = h = run.call("conv", "Conv2d", conv2d(channels), x)
        with run.line("h = h + self.temb_proj(temb)[:, :, None, None]") as line:
            shift = run.call("temb_proj", "Linear", linear(channels), temb)
            (shift,) = run.step("getitem", (shift,), (*shift.shape, 1, 1))
            line.names["h"] = h = add(run, h, shift)
        question = ("if self.in_channels != self.out_channels:",)
        if x.shape[1] != channels:
            with run.line("x = self.shortcut(x)", *question) as line:
                x = run.call("shortcut", "Conv2d", conv2d(channels, kernel=1), x)
                line.names["x"] = x
            question = ()
        with run.line("return x + h", *question):
            return add(run, x, h)

    return forward


def attention(run: Recording, x: Value) -> Value:
    """The forward of an `Attention` on the lower resolution."""
    batch, channels, *_ = x.shape
    rows = (batch, run.sizes.half_area, channels)
    with run.line("h = x.flatten(2).transpose(1, 2)") as line:
        (h,) = run.step("flatten", (x,), (batch, channels, run.sizes.half_area))
        (h,) = run.step("transpose", (h,), rows)
        line.names["h"] = h
    with run.line("q, k, v = self.qkv(h).chunk(3, dim=-1)") as line:
        h = run.call("qkv", "Linear", linear(3 * int(channels)), h)
        qkv = run.step("chunk", (h,), rows, rows, rows)
        line.names |= dict(zip("qkv", qkv, strict=True))
    with run.line("h = F.scaled_dot_product_attention(q, k, v)") as line:
        # each of the 64 rows against 64 others, once for the weights and once for the sum
        flops = multiply_adds(rows, 2 * 64)
        line.names["h"] = h = run.step("scaled_dot_product_attention", qkv, rows, flops=flops)[0]
    with run.line("h = self.proj(h).transpose(1, 2)") as line:
        h = run.call("proj", "Linear", linear(int(channels)), h)
        line.names["h"] = h = run.step("transpose", (h,), (batch, channels, rows[1]))[0]
    with run.line("return x + h.reshape(x.shape)"):
        return add(run, x, run.step("reshape", (h,), x.shape)[0])


def upsample(run: Recording, x: Value) -> Value:
    """The forward of an `Upsample` to the full resolution."""
    batch, channels, *_ = x.shape
    with run.line('x = F.interpolate(x, scale_factor=2.0, mode="nearest")') as line:
        shape = (batch, channels, *run.sizes.full)
        line.names["x"] = x = run.step("interpolate", (x,), shape)[0]
    with run.line("return self.conv(x)"):
        return run.call("conv", "Conv2d", conv2d(int(channels)), x)


def unet(run: Recording, x: Value, t: Value) -> Value:
    """The forward of the `ToyUNet`."""
    with run.line("temb = self.embed(t)[None]") as line:
        temb = run.call("embed", "Embedding", embedding, t)
        line.names["temb"] = temb = run.step("getitem", (temb,), (1, 16))[0]
    hs = go_down(run, x, temb)
    with run.line("h = self.mid.block(hs[-1], temb)") as line:
        line.reads.append(("hs", hs[-1]))
        line.names["h"] = h = run.call("mid.block", "ResBlock", res_block(16), hs[-1], temb)
    with run.line("h = self.mid.attn(h)") as line:
        line.names["h"] = h = run.call("mid.attn", "Attention", attention, h)
    with run.line("h = self.mid.block(h, temb)") as line:
        line.names["h"] = h = run.call("mid.block", "ResBlock", res_block(16), h, temb)
    h = join(run, "up.1.block.0", 16, h, (hs, temb), LEVELS, BLOCKS, level="1")
    with run.line("h = self.up[level].upsample(h)", BLOCKS, "if level != 0:") as line:
        line.names["h"] = h = run.call("up.1.upsample", "Upsample", upsample, h)
    h = join(run, "up.0.block.0", 8, h, (hs, temb), LEVELS, BLOCKS, level="0")
    h = join(run, "up.0.block.1", 8, h, (hs, temb), BLOCKS, hs="[]")
    with run.line("return self.conv_out(h)", BLOCKS, "if level != 0:", LEVELS):
        return run.call("conv_out", "Conv2d", conv2d(3), h)


def go_down(run: Recording, x: Value, temb: Value) -> list[Value]:
    """The encoder: three pushes on `hs`."""
    hs: list[Value] = []
    with run.line("hs = [self.conv_in(x)]") as line:
        hs += [run.change(line, "push", run.call("conv_in", "Conv2d", conv2d(8), x))]
    with run.line("h = self.down[0].block(hs[-1], temb)") as line:
        line.reads.append(("hs", hs[-1]))
        line.names["h"] = h = run.call("down.0.block", "ResBlock", res_block(8), hs[-1], temb)
    with run.line("hs.append(h)") as line:
        hs += [run.change(line, "push", h)]
    with run.line("hs.append(self.down[0].downsample(hs[-1]))") as line:
        line.reads.append(("hs", hs[-1]))
        h = run.call("down.0.downsample", "Conv2d", conv2d(16, size="half"), hs[-1])
        hs += [run.change(line, "push", h)]
    return hs


def join(
    run: Recording, name: str, channels: int, h: Value, below: Below, *before: str, **sets: str
) -> Value:
    """One block of the decoder: pop from `hs`, concatenate, run."""
    hs, temb = below
    with run.line("h = block(torch.cat([h, hs.pop()], dim=1), temb)", *before, **sets) as line:
        skip = run.change(line, "pop", hs.pop())
        batch, width, *plane = h.shape
        (h,) = run.step("cat", (h, skip), (batch, int(width) + int(skip.shape[1]), *plane))
        line.names["h"] = h = run.call(name, "ResBlock", res_block(channels), h, temb)
    return h


def record(sizes: Sizes) -> Trace:
    """The forward of the toy at these sizes."""
    run = Recording(sizes)
    x = run.value("x", (sizes.batch, 3, *sizes.full))
    t = run.value("t", (), "int64")
    y = run.call("", "ToyUNet", unet, x, t)
    return Trace(
        model="ToyUNet",
        inputs=(x, t),
        outputs=(y,),
        steps=tuple(run.steps),
        root=run.root,
        lines=tuple(run.lines),
        spec=TargetSpec("tests/toy_unet.py:ToyUNet"),
        torch="2.13.0",
        mode="training",
    )


def example() -> Trace:
    """The toy on a 1×3×16×16 image, at one timestep."""
    return record(NUMBERS)


def symbolic_example() -> Trace:
    """The same, with formulas in B, H and W for sizes."""
    return record(FORMULAS)


def links(trace: Trace) -> tuple[SkipLink, ...]:
    """The three skips of either example, in the order of the joins."""
    pairs = (
        ("down.0.downsample", "up.1.block.0"),
        ("down.0.block", "up.0.block.0"),
        ("conv_in", "up.0.block.1"),
    )
    return tuple(link(trace, source, target) for source, target in pairs)


def link(trace: Trace, source: str, target: str) -> SkipLink:
    """The skip from one block to another, joined by the `cat` that feeds the target."""
    value, result = trace.blocks[source].outputs[0], trace.blocks[target].inputs[0]
    popped = trace.producers[result.name]
    return SkipLink(
        source=source,
        target=target,
        value=value,
        joined=trace.steps[popped].inputs[0],
        result=result,
        join="cat",
        pushed=trace.producers[value.name],
        popped=popped,
    )
