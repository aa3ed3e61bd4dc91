"""Why inputs of one size fail: the run that fails, and those that find the nearest that work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from tracer.analysis.size_rules import Rule
from tracer.errors import TraceError
from tracer.sizing.axes import BATCH, Axes, AxisSizes, int_shape
from tracer.sizing.axis_candidates import fit_inputs_to_main
from tracer.sizing.explanation import Advice, Explanation, Padding
from tracer.sizing.failure_cause import cause_of
from tracer.sizing.rule_search import rules_of
from tracer.sizing.runner import Runner, TracedRun
from tracer.sizing.sized_model import SizedModel
from tracer.sizing.step_plan import plan_steps
from tracer.sizing.tied_inputs import fitting_inputs

ROUND_MULTIPLES = (2, 4, 8, 16, 32, 64, 128)
"""Sizes are rounded up to multiples of these, and then down, until the model works."""

BATCH_MULTIPLES = (1, 2, 3, 4, 8)
"""Where no size works with the given batch, other batches are tried, rounded to these."""

NamedInputs = tuple[Runner, Axes]
"""A model with other inputs, and the names of their axes."""


def explain_size(
    runner: Runner,
    run: TracedRun,
    axes_candidates: Sequence[Axes],
    others: Sequence[NamedInputs] = (),
) -> Explanation:
    """Why a model fails on its inputs, and which sizes are the nearest at which it works.

    Args:
        runner: The model and the inputs on which it may fail.
        run: The run on these inputs.
        axes_candidates: Names for their sizes, the most likely first, from `propose_axes`.
        others: Other inputs of the model, on which it may work.
    """
    axes = axes_candidates[0]
    found = Explanation(
        model=run.trace.model,
        inputs=run.trace.inputs,
        sizes=axes.sizes,
        axes=axes.by_input(),
        cause=None,
        notes=run.trace.notes,
    )
    if run.failure is None:
        return found
    found = replace(found, fitting=fitting_inputs(runner, run))
    inputs = next(_working_inputs(runner, axes_candidates, others), None)
    if inputs is None:
        return replace(found, cause=cause_of(run))
    inputs = inputs.with_best_names(axes_candidates)
    near = inputs.working_model()
    found = replace(
        found,
        sizes=inputs.failing.sizes,
        axes=inputs.failing.by_input(),
        cause=cause_of(run, working=near.base),
    )
    return _with_advice(found, runner, inputs.failing, near)


@dataclass(frozen=True, slots=True)
class WorkingInputs:
    """Names for inputs that fail, and inputs with the same names that work."""

    failing: Axes
    runner: Runner
    working: Axes

    def with_best_names(self, candidates: Sequence[Axes]) -> WorkingInputs:
        """The same inputs, with the names by which most of their sizes vary."""
        pairs = list(self._rebased(candidates))
        if len(pairs) > 1:
            plan = plan_steps(self.working_model(), [working for _, working in pairs])
            for failing, working in pairs:
                if working.formulas == plan.axes.formulas:
                    return replace(self, failing=failing, working=working)
        return self

    def _rebased(self, candidates: Sequence[Axes]) -> Iterator[tuple[Axes, Axes]]:
        """The names that fit the inputs that work as well as those that fail."""
        for axes in candidates:
            with suppress(TraceError):
                working = Axes.of(self.working.inputs, axes.formulas)
                yield axes, working.with_settings(axes.settings)

    def working_model(self) -> SizedModel:
        """The model at the sizes that work."""
        shapes, settings = self.working.shapes({}), self.working.settings_at({})
        base = self.runner.trace(shapes, settings, lines=False).trace
        return SizedModel.of(self.runner, self.working, base)


def _working_inputs(
    runner: Runner, candidates: Sequence[Axes], others: Sequence[NamedInputs]
) -> Iterator[WorkingInputs]:
    """Inputs that work: of rounded sizes, those that are known, or those that fit each other."""
    for axes in candidates:
        for sizes in _rounded_sizes(axes):
            if _works(runner, axes, sizes):
                yield WorkingInputs(axes, runner, axes.rebase(sizes))
        for other, named in others:
            if named.sizes.keys() == axes.sizes.keys() and _works(other, named, {}):
                yield WorkingInputs(axes, other, named)
    for same_size in (False, True):
        fitted = fit_inputs_to_main(candidates[0], same_size=same_size)
        if _works(runner, fitted, {}):
            yield WorkingInputs(candidates[0], runner, fitted)


def _works(runner: Runner, axes: Axes, sizes: AxisSizes) -> bool:
    return runner.run(axes.shapes(sizes), axes.settings_at(sizes)).worked


def _rounded_sizes(axes: Axes) -> Iterator[dict[str, int]]:
    """Sizes near the given ones that are likelier to work, those with the same batch first."""
    batch, given = axes.batch or BATCH, axes.sizes
    others = {name: size for name, size in given.items() if name != batch}
    for multiple in ROUND_MULTIPLES:
        yield {name: -(-size // multiple) * multiple for name, size in others.items()}
    for multiple in ROUND_MULTIPLES:
        yield {name: max(size // multiple * multiple, multiple) for name, size in others.items()}
    batches = _batches_near(given[batch]) if batch in given else []
    yield from ({batch: size} for size in batches)
    multiple = ROUND_MULTIPLES[-1]
    even = {name: -(-size // multiple) * multiple for name, size in others.items()}
    yield from ({batch: size, **even} for size in batches)


def _batches_near(given: int) -> list[int]:
    """Other batch sizes: the next one, multiples above and below, and the smallest."""
    above = [-(-(given + 1) // multiple) * multiple for multiple in BATCH_MULTIPLES]
    below = [given // multiple * multiple for multiple in BATCH_MULTIPLES]
    tried = dict.fromkeys((*above, *below, 1))
    return [size for size in tried if size not in (0, given)]


def _with_advice(
    found: Explanation, runner: Runner, failing: Axes, near: SizedModel
) -> Explanation:
    """The explanation with the nearest sizes that work, as runs showed."""
    asked = failing.sizes
    if not near.run(asked).worked:
        changed = [name for name, size in asked.items() if size != near.axes.sizes[name]]
        alone = [name for name in changed if not near.run({name: asked[name]}).worked]
        rules = tuple(rules_of(near, alone or changed))
        below, above = (
            sizes if sizes and _works(runner, failing, sizes) else {}
            for sizes in map(_complete, _nearest_sizes(rules, asked))
        )
        if below or above:
            advice = tuple(_advice(rule, asked[rule.name], below, above) for rule in rules)
            grows = all(size >= asked[name] for name, size in above.items())
            pads = above and grows and failing.batch not in above  # nobody pads a batch
            padding = tuple(_padding(failing, above)) if pads else ()
            return replace(found, advice=advice, padding=padding)
    return replace(found, works_at=near.base.inputs)


def _complete(sizes: Mapping[str, int | None]) -> dict[str, int]:
    """The sizes if all are known, else none of them."""
    known = {name: size for name, size in sizes.items() if size is not None}
    return known if len(known) == len(sizes) else {}


def _advice(rule: Rule, size: int, below: AxisSizes, above: AxisSizes) -> Advice:
    low, high = below.get(rule.name, size + 1), above.get(rule.name, size - 1)
    return Advice(
        rule.name, size, low if low <= size else None, high if high >= size else None, rule
    )


def _nearest_sizes(rules: Sequence[Rule], asked: AxisSizes) -> Iterator[dict[str, int | None]]:
    """The nearest smaller sizes that the rules allow, and then the nearest larger ones.

    If one side has no valid size, it uses that of the other side: all axes change together.
    """
    changed = {rule.name for rule in rules}
    pairs = {rule.name: _nearest_pair(rule, asked, changed) for rule in rules}
    yield {name: above if below is None else below for name, (below, above) in pairs.items()}
    yield {name: below if above is None else above for name, (below, above) in pairs.items()}


def _nearest_pair(
    rule: Rule, asked: AxisSizes, changed: Iterable[str]
) -> tuple[int | None, int | None]:
    """The nearest valid sizes below and above; two tied sizes get the same ones."""
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


def _padding(axes: Axes, sizes: AxisSizes) -> Iterator[Padding]:
    """What to add to each input that has to become larger, half of it on either side."""
    shapes = axes.shapes(sizes)
    for argument, tensors in axes.inputs.items():
        for tensor in tensors:
            before = int_shape(tensor)
            after = tuple(map(int, shapes.get(tensor.name, before)))
            if tensor.name == argument and after != before:
                yield _pad_to(argument, before, after)


def _pad_to(name: str, before: Sequence[int], after: Sequence[int]) -> Padding:
    """The arguments of ``F.pad`` and the index that takes the padding off again."""
    pairs = list(zip(before, after, strict=True))
    first = next(axis for axis, (old, new) in enumerate(pairs) if old != new)
    sides = [((new - old) // 2, (new - old + 1) // 2) for old, new in pairs[first:]]
    pad = tuple(side for pair in reversed(sides) for side in pair)
    starts = ((left, old) for (left, _), (old, _) in zip(sides, pairs[first:], strict=True))
    crop = ", ".join(f"{left}:{left + old}" for left, old in starts)
    return Padding(name, pad, f"[..., {crop}]")
