"""The layers of a model, and which of them feed which: what two code bases have in common.

A layer is a block with parameters that holds no other such block: a convolution, a norm. How layers
are grouped into modules, what these are called, and what has no parameters differs from one code
base to the next; which layers there are, and what flows from one to the next, does not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from tracer.record import Trace
from tracer.snapshot import BlockSpec, Snapshot
from tracer.snapshot.diff.dataflow import Sources, beside, flow, in_order
from tracer.snapshot.diff.renames import parents


@dataclass(frozen=True)
class Layers:
    """The layers of a model, in an order that does not depend on how its code is written.

    `inside` says which layers a block holds, itself included. `feeds` says for each layer which
    others its inputs come from, nothing but operations between; None without a trace, and then the
    order is that of the calls. `behind` says the same of the outputs of every block, `beside` which
    layers take in the same tensor.
    """

    blocks: tuple[BlockSpec, ...]
    inside: Mapping[str, tuple[str, ...]]
    feeds: Sources | None = None
    behind: Sources | None = None
    beside: Sources | None = None

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Where in the order each layer stands."""
        return {block.call: number for number, block in enumerate(self.blocks)}

    @cached_property
    def fans(self) -> Mapping[str, int]:
        """How many layers each one feeds."""
        sources = (self.feeds or {}).values()
        return Counter(call for calls in sources for call in calls)

    def last_of(self, call: str) -> str | None:
        """The last layer that the outputs of a block come from; None for what no layer made."""
        if self.behind is not None:
            return max(self.behind.get(call, ()), key=self.places.__getitem__, default=None)
        calls = list(self.inside)
        until = calls[: calls.index(call)] if call in self.inside else []
        layers = self.inside.get(call) or [one for one in until if one in self.places]
        return layers[-1] if layers else None

    def first_of(self, call: str) -> str | None:
        """The first layer in a block, or behind one that holds none; None at the model's end."""
        calls = list(self.inside)
        behind = calls[calls.index(call) :] if call in self.inside else []
        following = [one for one in behind if one in self.places]
        inside = self.inside.get(call) or following[:1]
        if self.beside is not None and len(inside) == 1:
            inside = tuple(self.beside[inside[0]])
        return min(inside, key=self.places.__getitem__, default=None)


def layers_of(drawn: Snapshot, trace: Trace | None) -> Layers:
    """The layers of a model, in the order in which they feed each other, where there is a trace."""
    around = {_path(name) for block in _with_parameters(drawn) for name in parents(block.call)}
    blocks = {b.call: b for b in _with_parameters(drawn) if _path(b.call) not in around}
    inside: dict[str, list[str]] = {block.call: [] for block in drawn.blocks}
    for call in blocks:
        for name in (call, *_holders(call, inside)):
            inside[name].append(call)
    held = {name: tuple(calls) for name, calls in inside.items()}
    if trace is None:
        return Layers(tuple(blocks.values()), held)
    feeds, behind = flow(trace, blocks.keys())
    order = in_order(blocks, feeds, behind.get("", frozenset()))
    ordered = tuple(blocks[call] for call in order)
    return Layers(ordered, held, feeds, behind, beside(trace, blocks))


def _with_parameters(drawn: Snapshot) -> Iterator[BlockSpec]:
    return (block for block in drawn.blocks if block.parameters)


def _path(call: str) -> str:
    return call.partition("@")[0]


def _holders(call: str, known: Mapping[str, object]) -> Iterator[str]:
    """The calls that a call happened in, as far as names tell."""
    _, at, number = call.partition("@")
    for parent in parents(_path(call)):
        names = (f"{parent}{at}{number}", parent)
        yield from [next(name for name in names if name in known)] if parent in known else []
