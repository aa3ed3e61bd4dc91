"""UNets of many kinds, made by hand: nested, one after another, with many outputs, dense, flat.

Every function returns a trace and the skips that it has by construction.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.sketch import Sketch, conv
from tracer.analysis.skips import SkipLink
from tracer.record import Trace, Value

Subject = tuple[Trace, tuple[SkipLink, ...]]
Inner = Callable[["Net", str, Value], Value]


@dataclass
class Net:
    """A model while it runs, and its skips so far."""

    run: Sketch = field(default_factory=Sketch)
    links: list[SkipLink] = field(default_factory=list)

    def block(self, path: str, *inputs: Value, inner: Inner | None = None) -> Value:
        """Call a block: a convolution, or what `inner` does."""
        if inner is None:
            return self.run.call(path, conv((1, 8, *inputs[0].shape[2:])), *inputs)
        return self.run.call(path, lambda run, h: inner(self, f"{path}.", h), *inputs)

    def scaled(self, op: str, h: Value, factor: float) -> Value:
        """Change the resolution."""
        sizes = (int(int(size) * factor) for size in h.shape[2:])
        return self.run.op(op, h, shape=(*h.shape[:2], *sizes))

    def join(self, h: Value, source: str, skip: Value, target: str, join: str = "cat") -> Value:
        """Join a skip that `source` made, for `target` to take."""
        shape = (1, 16, *h.shape[2:]) if join == "cat" else h.shape
        result = self.run.op(join, h, skip, shape=shape)
        pushed = next(n for n, step in enumerate(self.run.steps) if skip in step.outputs)
        popped = len(self.run.steps) - 1
        self.links.append(SkipLink(source, target, skip, h, result, join, pushed, popped))
        return result

    def subject(self, *outputs: Value) -> Subject:
        return self.run.trace(*outputs), tuple(self.links)


def u(
    net: Net,
    prefix: str,
    h: Value,
    levels: int = 3,
    *,
    inner: Inner | None = None,
    made: list[Value] | None = None,
) -> Value:
    """One UNet. `made` receives what each level of the decoder puts out, the lowest first."""
    pushed: list[tuple[str, Value]] = []
    for level in range(levels):
        h = net.scaled("max_pool2d", h, 1 / 2) if level else h
        h = net.block(f"{prefix}enc.{level}", h, inner=inner)
        pushed.append((f"{prefix}enc.{level}", h))
    pushed.pop()
    while pushed:
        source, skip = pushed.pop()
        level = len(pushed)
        joined = net.join(net.scaled("interpolate", h, 2), source, skip, f"{prefix}fuse.{level}")
        h = net.block(f"{prefix}fuse.{level}", joined)
        h = net.block(f"{prefix}dec.{level}", h, inner=inner)
        if made is not None:
            made.append(h)
    return h


def residual_u(levels: int) -> Inner:
    """A UNet that adds its input to its result, as a block of another UNet."""

    def inner(net: Net, prefix: str, h: Value) -> Value:
        return net.run.op("add", u(net, prefix, h, levels), h)

    return inner


def plain(levels: int = 3, sizes: tuple[int, ...] = (64, 64)) -> Subject:
    net = Net()
    return net.subject(u(net, "", net.run.input("x", 1, 3, *sizes), levels))


def nested(levels: int = 3, inner_levels: int = 3, wrapped: bool = False) -> Subject:
    """A UNet whose blocks are UNets; one level deeper if it is `wrapped` in another module."""
    net = Net()

    def outer(net: Net, prefix: str, h: Value) -> Value:
        return u(net, prefix, h, levels, inner=residual_u(inner_levels))

    h = net.run.input("x", 1, 8, 256, 256)
    return net.subject(net.block("net", h, inner=outer) if wrapped else outer(net, "", h))


def cascade(count: int = 2, levels: int = 3) -> Subject:
    """UNets one after another, each in a module of its own; each has an output."""
    net = Net()
    h, outputs = net.run.input("x", 1, 8, 64, 64), []
    for number in range(count):
        h = net.block(f"nets.{number}", h, inner=lambda net, prefix, h: u(net, prefix, h, levels))
        h = net.block(f"heads.{number}", h)
        outputs.append(h)
    return net.subject(*outputs)


def hourglasses(count: int = 2, levels: int = 3) -> Subject:
    """Stacked hourglasses, with skips that are added and a residual around each."""
    net = Net()
    h = net.block("stem", net.run.input("x", 1, 8, 64, 64))
    for number in range(count):
        source = f"stacks.{number - 1}" if number else "stem"
        made = net.block(
            f"stacks.{number}", h, inner=lambda net, prefix, h: u(net, prefix, h, levels)
        )
        h = net.join(made, source, h, "", "add")
    return net.subject(net.block("head", h))


def side_outputs(levels: int = 4) -> Subject:
    """An output for each level of the decoder, all computed after the decoder."""
    net, made = Net(), list[Value]()
    u(net, "", net.run.input("x", 1, 8, 64, 64), levels, made=made)
    return net.subject(*(net.block(f"heads.{n}", h) for n, h in enumerate(reversed(made))))


def fused_outputs(levels: int = 4) -> Subject:
    """Side outputs that are resized to the input's size and fused."""
    net, made = Net(), list[Value]()
    u(net, "", net.run.input("x", 1, 8, 64, 64), levels, made=made)
    sides = []
    for number, h in enumerate(made):
        side = net.block(f"sides.{number}", h)
        factor = 64 // int(side.shape[-1])
        sides.append(side if factor == 1 else net.scaled("interpolate", side, factor))
    fused = net.run.op("cat", *sides, shape=(1, 8 * len(sides), 64, 64))
    return net.subject(net.block("out", fused), *sides)


def dense(levels: int = 4) -> Subject:
    """UNet++: each node takes all before it at its level, and the one below, resized."""
    net = Net()
    nodes: dict[tuple[int, int], Value] = {}
    h = net.run.input("x", 1, 8, 64, 64)
    for level in range(levels):
        h = net.scaled("max_pool2d", h, 1 / 2) if level else h
        nodes[level, 0] = h = net.block(f"node.{level}_0", h)
    for column in range(1, levels):
        for level in range(levels - column):
            target = f"node.{level}_{column}"
            h = net.scaled("interpolate", nodes[level + 1, column - 1], 2)
            for before in range(column):
                h = net.join(h, f"node.{level}_{before}", nodes[level, before], target)
            nodes[level, column] = net.block(target, h)
    return net.subject(nodes[0, levels - 1])


def resized_inputs(levels: int = 3) -> Subject:
    """The input, resized, is computed first for every level, and joined in the encoder."""
    net = Net()
    x = net.run.input("x", 1, 8, 64, 64)
    inputs = [net.scaled("interpolate", x, 1 / 2**level) for level in range(1, levels)]
    features = [net.block(f"shallow.{n}", value) for n, value in enumerate(inputs)]
    pushed = [("enc.0", net.block("enc.0", x))]
    for level in range(1, levels):
        h = net.scaled("max_pool2d", pushed[-1][1], 1 / 2)
        mixed = net.run.op("mul", h, features[level - 1])
        pushed.append((f"enc.{level}", net.block(f"enc.{level}", mixed)))
    _, h = pushed.pop()
    while pushed:
        joined = net.join(net.scaled("interpolate", h, 2), *pushed.pop(), f"dec.{len(pushed)}")
        h = net.block(f"dec.{len(pushed)}", joined)
    return net.subject(h)


def levels_as_blocks(levels: int = 3, layers: int = 2) -> Subject:
    """A block for each level, which pushes what each layer makes and then downsamples."""
    net = Net()
    pushed: list[tuple[str, Value]] = []

    def down(net: Net, prefix: str, h: Value) -> Value:
        for layer in range(layers):
            h = net.block(f"{prefix}layers.{layer}", h)
            pushed.append((f"{prefix}layers.{layer}", h))
        return net.scaled("max_pool2d", h, 1 / 2)

    def up(net: Net, prefix: str, h: Value) -> Value:
        h = net.scaled("interpolate", h, 2)
        for layer in range(layers):
            source, skip = pushed.pop()
            target = f"{prefix}layers.{layer}"
            h = net.block(target, net.join(h, source, skip, target))
        return h

    h = net.run.input("x", 1, 8, 64, 64)
    for level in range(levels):
        h = net.block(f"down.{level}", h, inner=down)
    h = net.block("mid", h)
    for level in reversed(range(levels)):
        h = net.block(f"up.{level}", h, inner=up)
    return net.subject(net.block("head", h))
