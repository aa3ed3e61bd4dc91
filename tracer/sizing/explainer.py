"""Why inputs of one size fail: the run that fails, and those that find the nearest that work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from torch import Tensor, nn

from tracer.analysis.size_rules import Rule
from tracer.from_torch.capture.convert import to_trace
from tracer.from_torch.capture.recording import named_inputs, record
from tracer.from_torch.runs.axis_names import BATCH, Axes, proposed_axes
from tracer.from_torch.runs.runner import ModelRunner, is_costly
from tracer.sizing.explanation import Advice, Explanation, Padding
from tracer.sizing.failure_cause import cause_of
from tracer.sizing.fit import AxisSizes
from tracer.sizing.rule_search import RuleSearch
from tracer.target_spec import Dims

ROUND = (2, 4, 8, 16, 32, 64, 128)
"""Sizes are rounded up to multiples of these, and then down, until the model runs."""


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
    runs = [ModelRunner(model, inputs, axes, costly=is_costly(recording)) for axes in proposals]
    for one, near in _working(runs, others, dims):
        search = RuleSearch(near, to_trace(near.record({}, lines=False)))
        cause = cause_of(recording, working=search.trace)
        found = replace(found, sizes=one.axes.sizes, axes=one.axes.written(), cause=cause)
        return _advised(found, one, search)
    return replace(found, cause=cause_of(recording))


def _working(
    runs: Iterable[ModelRunner], others: Sequence[Any], dims: Dims | None
) -> Iterator[tuple[ModelRunner, ModelRunner]]:
    """Runs that fail at the sizes given, each with the like that work at sizes nearby."""
    runs = list(runs)
    for one in runs:
        for sizes in _rounded(one.axes.sizes):
            if one.sample(sizes).worked:
                yield one, one.moved(sizes)
        known = [proposed_axes(named_inputs(one.model, other), dims)[0] for other in others]
        alike = [axes for axes in known if axes.sizes.keys() == one.axes.sizes.keys()]
        yield from _those_that_work(one, alike)
    yield from _those_that_work(runs[0], (runs[0].axes.fitted(alike=how) for how in (False, True)))


def _those_that_work(
    runs: ModelRunner, others: Iterable[Axes]
) -> Iterator[tuple[ModelRunner, ModelRunner]]:
    for axes in others:
        near = runs.with_axes(axes)
        if near.sample({}).worked:
            yield runs, near


def _rounded(sizes: AxisSizes) -> Iterator[dict[str, int]]:
    """Sizes near these that are likelier to work; the batch stays as it is."""
    free = {name: size for name, size in sizes.items() if name != BATCH}
    for step in ROUND:
        yield {name: -(-size // step) * step for name, size in free.items()}
    for step in ROUND:
        yield {name: max(size // step * step, step) for name, size in free.items()}


def _advised(found: Explanation, runs: ModelRunner, search: RuleSearch) -> Explanation:
    """The explanation with the sizes that are nearest to those that do not work, as was tried."""
    asked, near = runs.axes.sizes, search.runs
    if not near.sample(asked).worked:
        changed = [name for name, size in asked.items() if size != near.axes.sizes[name]]
        alone = [name for name in changed if not near.sample({name: asked[name]}).worked]
        rules = tuple(search.rules(alone or changed))
        below, above = (_tried(sizes, runs) for sizes in _nearest(rules, asked))
        advice = tuple(_advice(rule, asked[rule.name], below, above) for rule in rules)
        if below or above:
            grows = all(size >= asked[name] for name, size in above.items())
            padding = tuple(_padding(runs.axes, above)) if above and grows else ()
            return replace(found, advice=advice, padding=padding)
    return replace(found, works_at=search.trace.inputs)


def _advice(rule: Rule, size: int, below: AxisSizes, above: AxisSizes) -> Advice:
    low, high = below.get(rule.name, size + 1), above.get(rule.name, size - 1)
    return Advice(
        rule.name, size, low if low <= size else None, high if high >= size else None, rule
    )


def _nearest(rules: Sequence[Rule], asked: AxisSizes) -> Iterator[dict[str, int | None]]:
    """The nearest smaller sizes that the rules allow, and then the nearest larger ones.

    Where there is none on one side it is the one on the other, for all are changed together.
    """
    pairs = {rule.name: _pair(rule, asked, {one.name for one in rules}) for rule in rules}
    yield {name: above if below is None else below for name, (below, above) in pairs.items()}
    yield {name: below if above is None else above for name, (below, above) in pairs.items()}


def _pair(rule: Rule, asked: AxisSizes, changed: set[str]) -> tuple[int | None, int | None]:
    """The sizes that are nearest to one; those of two that have to be equal are the same."""
    size = asked[rule.name]
    if rule.tied_to is None:
        return rule.nearest(size)
    other = asked[rule.tied_to]
    if rule.tied_to not in changed:
        return (other, None) if other < size else (None, other)
    low, high = sorted((size, other))
    return (
        low if rule.allows(low) else rule.nearest(low)[0],
        high if rule.allows(high) else rule.nearest(high)[1],
    )


def _tried(sizes: Mapping[str, int | None], runs: ModelRunner) -> dict[str, int]:
    """The sizes, if the model runs at all of them together."""
    known = {name: size for name, size in sizes.items() if size is not None}
    works = known and len(known) == len(sizes) and runs.sample(known).worked
    return known if works else {}


def _padding(axes: Axes, sizes: AxisSizes) -> Iterator[Padding]:
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
