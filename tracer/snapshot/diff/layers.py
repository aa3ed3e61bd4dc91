"""The layers of a model and the data flow between them: what two codebases have in common.

A layer is a block with parameters that encloses no other such block: a convolution, a norm. How
layers are grouped into modules, their names, and blocks without parameters differ between
codebases; which layers there are, and what flows from one to the next, does not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from tracer.record import Trace
from tracer.snapshot import BlockSpec, Snapshot
from tracer.snapshot.diff.call_names import enclosing_calls
from tracer.snapshot.diff.dataflow import Sources, input_sharers, layer_sources, topological_order


@dataclass(frozen=True)
class Layers:
    """The layers of a model, in an order that does not depend on how its code is written.

    `inside` has the layers in each block, itself included. `feeds` has the layers that feed each
    layer, with nothing but operations in between; None without a trace, and then the order is that
    of the calls. `sources` has the layers that made the outputs of each block, `sharers` the layers
    that read the same tensor as each layer.
    """

    blocks: tuple[BlockSpec, ...]
    inside: Mapping[str, tuple[str, ...]]
    feeds: Sources | None = None
    sources: Sources | None = None
    sharers: Sources | None = None

    @cached_property
    def positions(self) -> Mapping[str, int]:
        """The position of each layer in the order."""
        return {block.call: number for number, block in enumerate(self.blocks)}

    @cached_property
    def fan_out(self) -> Mapping[str, int]:
        """How many layers each one feeds."""
        return Counter(call for calls in (self.feeds or {}).values() for call in calls)

    def last_of(self, call: str) -> str | None:
        """Return the last layer that made outputs of a block; None if no layer did."""
        if self.sources is not None:
            return max(self.sources.get(call, ()), key=self.positions.__getitem__, default=None)
        calls = list(self.inside)
        earlier = calls[: calls.index(call)] if call in self.inside else []
        layers = self.inside.get(call) or [one for one in earlier if one in self.positions]
        return layers[-1] if layers else None

    def first_of(self, call: str) -> str | None:
        """Return the first layer in a block, or else after it; None at the end of the model."""
        calls = list(self.inside)
        later = calls[calls.index(call) :] if call in self.inside else []
        following = [one for one in later if one in self.positions]
        inside = self.inside.get(call) or following[:1]
        if self.sharers is not None and len(inside) == 1:
            inside = tuple(self.sharers[inside[0]])
        return min(inside, key=self.positions.__getitem__, default=None)


def layers_of(snapshot: Snapshot, trace: Trace | None) -> Layers:
    """Return the layers of a model, with a trace in the order in which they feed each other."""
    weighted = [block for block in snapshot.blocks if block.parameters]
    outer = {_path(name) for block in weighted for name in enclosing_calls(block.call)}
    blocks = {block.call: block for block in weighted if _path(block.call) not in outer}
    lists: dict[str, list[str]] = {block.call: [] for block in snapshot.blocks}
    for call in blocks:
        for name in (call, *_enclosing(call, lists)):
            lists[name].append(call)
    inside = {name: tuple(calls) for name, calls in lists.items()}
    if trace is None:
        return Layers(tuple(blocks.values()), inside)
    feeds, sources = layer_sources(trace, blocks.keys())
    order = topological_order(blocks, feeds, sources.get("", frozenset()))
    ordered = tuple(blocks[call] for call in order)
    return Layers(ordered, inside, feeds, sources, input_sharers(trace, blocks))


def _path(call: str) -> str:
    return call.partition("@")[0]


def _enclosing(call: str, known: Mapping[str, object]) -> Iterator[str]:
    """The calls that enclose a call, as far as names show."""
    _, at, number = call.partition("@")
    for outer in enclosing_calls(_path(call)):
        names = (f"{outer}{at}{number}", outer)
        yield from [next(name for name in names if name in known)] if outer in known else []
