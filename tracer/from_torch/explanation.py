"""Why inputs of one size fail: the run that fails, and those that find the nearest that work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from torch import Tensor, nn

from tracer.explanations import Advice, Explanation, Padding
from tracer.from_torch.axes import BATCH, Axes, Dims, proposed_axes
from tracer.from_torch.capture import named_inputs, record
from tracer.from_torch.causes import cause_of
from tracer.from_torch.convert import to_trace
from tracer.from_torch.fit import Sizes
from tracer.from_torch.samples import Runs, is_costly
from tracer.from_torch.size_law import Search
from tracer.laws import Rule

ROUND = (2, 4, 8, 16, 32, 64, 128)
"""Sizes are rounded up to multiples of these, one after another, until the model runs."""


def explain(
    model: nn.Module, inputs: Any, dims: Dims | None = None, others: Sequence[Any] = ()
) -> Explanation:
    """Run a model on `inputs`, and where it fails tell why, and which sizes are nearest that work.

    `dims` names axes, as for `tracer.trace`; `others` are inputs that may work. Raises TraceError
    for names that do not fit the inputs.
    """
    recording = record(model, inputs)
    trace = to_trace(recording)
    model = recording.model
    proposals = proposed_axes(named_inputs(model, inputs), dims)
    sizes, axes = proposals[0].sizes, proposals[0].written()
    found = Explanation(trace.model, trace.inputs, sizes, axes, None, notes=trace.notes)
    if recording.failure is None:
        return found
    runs = [Runs(model, inputs, axes, costly=is_costly(recording)) for axes in proposals]
    for one, near in _working(runs, others, dims):
        search = Search(near, to_trace(near.record({}, lines=False)))
        cause = cause_of(recording, working=search.trace)
        found = replace(found, sizes=one.axes.sizes, axes=one.axes.written(), cause=cause)
        return _advised(found, one, search)
    return replace(found, cause=cause_of(recording))


def _working(
    runs: Iterable[Runs], others: Sequence[Any], dims: Dims | None
) -> Iterator[tuple[Runs, Runs]]:
    """Runs that fail at the sizes given, each with the like that work at sizes nearby."""
    for one in runs:
        for rounded in ROUND:
            sizes = {
                name: -(-size // rounded) * rounded
                for name, size in one.axes.sizes.items()
                if name != BATCH
            }
            if one.sample(sizes).worked:
                yield one, one.moved(sizes)
        for other in others:
            (axes, *_) = proposed_axes(named_inputs(one.model, other), dims)
            near = Runs(one.model, other, axes, costly=one.costly)
            if axes.sizes.keys() == one.axes.sizes.keys() and near.sample({}).worked:
                yield one, near


def _advised(found: Explanation, runs: Runs, search: Search) -> Explanation:
    """The explanation with the sizes that are nearest to those that do not work."""
    asked, near = runs.axes.sizes, search.runs
    changed = [name for name, size in asked.items() if size != near.axes.sizes[name]]
    alone = [name for name in changed if not near.sample({name: asked[name]}).worked]
    advice = tuple(_advice(rule, asked) for rule in search.rules(alone or changed))
    below = {one.name: one.below for one in advice if one.below is not None}
    above = {one.name: one.above for one in advice if one.above is not None}
    whole = [sizes for sizes in (below, above) if len(sizes) == len(advice)]
    tried = bool(whole) and all(runs.sample(sizes).worked for sizes in whole)
    padding = tuple(_padding(runs.axes, above)) if above in whole and tried else ()
    return replace(found, advice=advice, tried=tried, padding=padding)


def _advice(rule: Rule, asked: Sizes) -> Advice:
    size = asked[rule.name]
    below, above = rule.nearest(size)
    if rule.tied_to is not None:
        other = asked[rule.tied_to]
        below, above = (other if other < size else None), (other if other > size else None)
    return Advice(rule.name, size, below, above, rule)


def _padding(axes: Axes, sizes: Sizes) -> Iterator[Padding]:
    """What to add to each input that has to become larger, half of it on either side."""
    small, large = axes.at({}), axes.at(sizes)
    for name, tensor in small.items():
        if isinstance(tensor, Tensor) and tensor.shape != large[name].shape:
            pairs = list(zip(tensor.shape, large[name].shape, strict=True))
            first = next(axis for axis, (before, after) in enumerate(pairs) if before != after)
            sides = [_sides(*pair) for pair in pairs[first:]]
            pad = tuple(side for pair in reversed(sides) for side in pair)
            lefts = zip(sides, tensor.shape[first:], strict=True)
            cuts = ", ".join(f"{left}:{left + size}" for (left, _), size in lefts)
            yield Padding(name, pad, f"[..., {cuts}]")


def _sides(before: int, after: int) -> tuple[int, int]:
    left = (after - before) // 2
    return left, after - before - left
