"""What flows from one layer of a model to the next, and an order that depends on nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from tracer.record import Trace
from tracer.snapshot import BlockSpec

Sources = Mapping[str, frozenset[str]]
"""For each layer, or block, the layers that what it takes in or puts out comes from."""


def flow(trace: Trace, layers: Collection[str]) -> tuple[Sources, Sources]:
    """For each layer, and for each block's outputs, the layers that it comes from."""
    owner = _owners(trace, layers)
    made_by: dict[str, frozenset[str]] = {}
    feeds: dict[str, frozenset[str]] = dict.fromkeys(layers, frozenset())
    for step in trace.steps:
        given = frozenset().union(*(made_by.get(one.name, frozenset()) for one in step.inputs))
        layer = owner.get(step.block)
        if layer is not None:
            feeds[layer] |= given - {layer}
            given = frozenset({layer})
        made_by |= dict.fromkeys((value.name for value in step.outputs), given)
    behind = {
        block.call: frozenset().union(
            *(made_by.get(one.name, frozenset()) for one in block.outputs)
        )
        for block in trace.root.walk()
    }
    return feeds, behind


def beside(trace: Trace, layers: Iterable[str]) -> Sources:
    """For each layer, those that take in the tensor that it takes in, itself included."""
    taken = {call: [one.name for one in trace.blocks[call].inputs[:1]] for call in layers}
    takers: dict[str, set[str]] = {}
    for call, names in taken.items():
        for name in names:
            takers.setdefault(name, set()).add(call)
    return {
        call: frozenset({call}).union(*(takers[name] for name in names))
        for call, names in taken.items()
    }


def _owners(trace: Trace, layers: Collection[str]) -> dict[str, str]:
    """For each block inside a layer, the layer."""
    found: dict[str, str] = {}
    for block in trace.root.walk():
        if block.call in layers:
            found |= dict.fromkeys((inner.call for inner in block.walk()), block.call)
    return found


def in_order(
    blocks: Mapping[str, BlockSpec], feeds: Sources, last: frozenset[str]
) -> Iterator[str]:
    """Each layer behind those that feed it, the longest way first; what feeds nothing at the end.

    So a shortcut stands behind the way that it leads around, and the projection of a time embedding
    where it is added, wherever the code computes them.
    """
    depths = _depths(feeds)
    places = {call: number for number, call in enumerate(blocks)}
    keys = {call: (-depths[call], *_looks(blocks[call]), places[call]) for call in blocks}

    def longest_first(calls: Iterable[str]) -> list[str]:
        return sorted(calls, key=keys.__getitem__)

    done: dict[str, None] = {}
    waiting = [*reversed(list(blocks)), *reversed(longest_first(last))]
    while waiting:
        call = waiting[-1]
        before = [one for one in longest_first(feeds[call]) if one not in done]
        if call in done or not before:
            done.setdefault(waiting.pop())
        else:
            waiting += reversed(before)
    yield from done


def _depths(feeds: Sources) -> dict[str, int]:
    """How many layers the longest way to each one has; a layer is fed by those that ran before."""
    depths: dict[str, int] = {}
    for call, sources in feeds.items():
        depths[call] = 1 + max((depths.get(source, 0) for source in sources), default=0)
    return depths


def _looks(block: BlockSpec) -> tuple[int, str, int]:
    """What puts two layers in order that nothing else does: most axes first, then any way."""
    most = max((len(tensor.shape) for tensor in block.outputs), default=0)
    return -most, f"{block.outputs} {block.inputs}", block.parameters
