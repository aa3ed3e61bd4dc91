"""The data flow between the layers of a model, and an order of layers derived from it alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from tracer.record import Trace
from tracer.snapshot import BlockSpec

Sources = Mapping[str, frozenset[str]]
"""For each layer or block, the layers that computed its inputs or outputs."""


def layer_sources(trace: Trace, layers: Collection[str]) -> tuple[Sources, Sources]:
    """Find which layers feed which, with nothing but operations without parameters in between.

    Args:
        trace: The trace.
        layers: The calls of the layers.

    Returns:
        For each layer, the layers that feed it; for each block, those that made its outputs.
    """
    layer_of = _enclosing_layers(trace, layers)
    made_by: dict[str, frozenset[str]] = {}
    feeds: dict[str, frozenset[str]] = dict.fromkeys(layers, frozenset())
    for step in trace.steps:
        sources = frozenset().union(*(made_by.get(one.name, frozenset()) for one in step.inputs))
        layer = layer_of.get(step.block)
        if layer is not None:
            feeds[layer] |= sources - {layer}
            sources = frozenset({layer})
        made_by |= dict.fromkeys((value.name for value in step.outputs), sources)
    outputs = {
        block.call: frozenset().union(
            *(made_by.get(one.name, frozenset()) for one in block.outputs)
        )
        for block in trace.root.walk()
    }
    return feeds, outputs


def input_sharers(trace: Trace, layers: Iterable[str]) -> Sources:
    """Return for each layer those that read the same tensor as their first input, itself too."""
    inputs = {call: [one.name for one in trace.blocks[call].inputs[:1]] for call in layers}
    readers: dict[str, set[str]] = {}
    for call, names in inputs.items():
        for name in names:
            readers.setdefault(name, set()).add(call)
    return {
        call: frozenset({call}).union(*(readers[name] for name in names))
        for call, names in inputs.items()
    }


def _enclosing_layers(trace: Trace, layers: Collection[str]) -> dict[str, str]:
    """For each block inside a layer, the layer."""
    found: dict[str, str] = {}
    for block in trace.root.walk():
        if block.call in layers:
            found |= dict.fromkeys((inner.call for inner in block.walk()), block.call)
    return found


def topological_order(
    blocks: Mapping[str, BlockSpec], feeds: Sources, last: frozenset[str]
) -> Iterator[str]:
    """Yield every layer after those that feed it, by depth-first search along the longest path.

    So a shortcut comes after the path that it bypasses, and the projection of a time embedding
    where it is added, wherever the code computes them. Layers that feed nothing come at the end.

    Args:
        blocks: The layers by their calls.
        feeds: For each layer, the layers that feed it.
        last: The layers that made the outputs of the model.
    """
    depths = _depths(feeds)
    positions = {call: number for number, call in enumerate(blocks)}
    keys = {call: (-depths[call], *_tie_breaker(blocks[call]), positions[call]) for call in blocks}

    def deepest_first(calls: Iterable[str]) -> list[str]:
        return sorted(calls, key=keys.__getitem__)

    done: dict[str, None] = {}
    stack = [*reversed(list(blocks)), *reversed(deepest_first(last))]
    while stack:
        call = stack[-1]
        missing = [one for one in deepest_first(feeds[call]) if one not in done]
        if call in done or not missing:
            done.setdefault(stack.pop())
        else:
            stack += reversed(missing)
    yield from done


def _depths(feeds: Sources) -> dict[str, int]:
    """The length of the longest path to each layer; only earlier layers feed a layer."""
    depths: dict[str, int] = {}
    for call, sources in feeds.items():
        depths[call] = 1 + max((depths.get(source, 0) for source in sources), default=0)
    return depths


def _tie_breaker(block: BlockSpec) -> tuple[int, str, int]:
    """Orders layers of the same depth independently of the code: highest rank first."""
    rank = max((len(tensor.shape) for tensor in block.outputs), default=0)
    return -rank, f"{block.outputs} {block.inputs}", block.parameters
