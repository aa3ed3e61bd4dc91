"""The sizes at which formulas are read off and checked, all chosen before the model is run there.

Formulas are read off coarse samples, at which every halving divides the sizes. They are checked at
the smallest steps at which they are whole: near the given sizes, far above them, and below them
down to the least. Batch sizes of 1, 2, 3 and a large odd number are among these runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import lcm

from tracer.algebra.polynomial import Formula
from tracer.sizing.axes import Axes, AxisSizes

SMALL_BATCHES = (1, 2, 3)
"""Batch sizes at which a model that splits or pairs its batch shows it."""

LARGE_BATCHES = (101, 33, 5)
"""Odd batch sizes, the first of which is checked that takes the path of the given size."""

LARGEST_REAL_BATCH = 5
"""The same for a model that runs on real data."""

FAR_FACTOR = 8
"""A far size is at least so many times as large as the given one."""

FAR_STEPS, REAL_FAR_STEPS = 7, 5
"""A far size is at least so many steps away; on real data, it is just as many."""

COARSE_TRIES = 12
"""At most so many coarse sizes are tried for further samples."""


@dataclass(frozen=True, slots=True)
class RunPlan:
    """The sizes at which formulas with these steps are checked.

    `near` and `far` are sizes of all axes at once. `below` are sizes from the least up to those
    below the given ones. `batches` are batch sizes that are tried even if they are not on the step;
    it is empty for a model without a batch.
    """

    steps: Mapping[str, int]
    near: tuple[AxisSizes, ...]
    far: AxisSizes
    below: tuple[AxisSizes, ...]
    batches: tuple[int, ...]


def plan_runs(axes: Axes, steps: Mapping[str, int], *, real_data: bool) -> RunPlan:
    """The plan for formulas that hold in these steps.

    >>> from tracer.record import Value
    >>> formulas = tuple(map(Formula.symbol, ("B", "H")))
    >>> axes = Axes.of({"x": (Value("x", (1, 8), "float32"),)}, {"x": formulas})
    >>> plan = plan_runs(axes, {"B": 1, "H": 4}, real_data=False)
    >>> plan.near, plan.far, plan.below
    (({'B': 3, 'H': 12}, {'B': 101, 'H': 16}), {'B': 2, 'H': 84}, ({'B': 1, 'H': 4},))
    """
    large = [one for one in LARGE_BATCHES if not real_data or one <= LARGEST_REAL_BATCH]
    one, two, three, many = _batch_sizes(axes, steps, large[0])
    first, second = (_sizes_above(axes, steps, count) for count in (1, 2))
    far = {name: _far_size(axes, steps, name, real_data=real_data) for name in _others(axes)}
    batch = axes.batch is not None
    return RunPlan(
        steps,
        near=tuple(dict(near) for near in (three | first, many | second) if near),
        far=two | far,
        below=tuple(one | below for below in _levels_below(axes, steps)),
        batches=(*SMALL_BATCHES, *large) if batch else (),
    )


def finest_steps(
    coarse: Mapping[str, int], formulas: Iterable[Formula], at_least: Mapping[str, int]
) -> dict[str, int]:
    """The smallest steps at which all formulas are whole numbers, and not below `at_least`."""
    formulas = list(formulas)
    found = {}
    for name, step in coarse.items():
        whole = lcm(*_denominators(name, formulas), at_least.get(name, 1))
        found[name] = whole if step % whole == 0 else step
    return found


def coarser_step(step: int, coarse: int) -> int:
    """Twice a step, or the coarse one if that is not a multiple of it."""
    return 2 * step if coarse % (2 * step) == 0 else coarse


def coarse_sizes(axes: Axes, steps: Mapping[str, int], *, real_data: bool) -> Iterator[AxisSizes]:
    """Sizes that are very likely to work, in many proportions.

    A model on real data is sampled along one axis at a time.
    """
    given, names = axes.sizes, axes.names
    for number in range(2, COARSE_TRIES + 2):
        if real_data:
            name = names[number % len(names)]
            yield {name: given[name] + steps[name] * (2 + number // len(names))}
        else:
            yield {
                name: given[name] + steps[name] * (1 + (number * (position + 1)) % 5)
                for position, name in enumerate(names)
            }


def _denominators(name: str, formulas: Iterable[Formula]) -> Iterator[int]:
    """The denominators of the terms that hold no other size."""
    for formula in formulas:
        for monomial, coefficient in formula.terms:
            if [one for one, _ in monomial] == [name]:
                yield coefficient.denominator


def _others(axes: Axes) -> list[str]:
    """The names of the sizes that vary and are not the batch."""
    return [name for name in axes.names if name != axes.batch]


def _batch_sizes(
    axes: Axes, steps: Mapping[str, int], large: int
) -> tuple[dict[str, int], dict[str, int], dict[str, int], dict[str, int]]:
    """A batch of 1, 2, 3 and a large one, or the first, the next ones and a large one by steps."""
    name = axes.batch
    if name is None or name not in axes.names:
        return {}, {}, {}, {}
    given, step = axes.sizes[name], steps[name]
    if step == 1:
        return {name: 1}, {name: 2}, {name: 3}, {name: large}
    least = given % step or step
    return {name: least}, {name: given + 2 * step}, {name: given + step}, {name: given + 9 * step}


def _sizes_above(axes: Axes, steps: Mapping[str, int], count: int) -> dict[str, int]:
    """Sizes that exceed the given ones by `count` steps, each further axis by two steps more."""
    return {
        name: axes.sizes[name] + steps[name] * (count + 2 * position)
        for position, name in enumerate(_others(axes))
    }


def _far_size(axes: Axes, steps: Mapping[str, int], name: str, *, real_data: bool) -> int:
    """A size an odd number of steps above the given one; that of a setting is never large."""
    given, step = axes.sizes[name], steps[name]
    if name in axes.settings:
        return given + 2 * step
    if real_data:
        return given + REAL_FAR_STEPS * step
    position = axes.names.index(name)
    count = max(FAR_FACTOR * given // step, FAR_STEPS) + 2 * position
    return given + step * (count // 2 * 2 + 1)


def _levels_below(axes: Axes, steps: Mapping[str, int]) -> Iterator[dict[str, int]]:
    """Sizes from the least ones up, all axes in proportion, to the last below the given ones."""
    others = _others(axes)
    least = {name: axes.sizes[name] % steps[name] or steps[name] for name in others}
    counts = {name: (axes.sizes[name] - least[name]) // steps[name] for name in others}
    levels = max(counts.values(), default=0)
    for level in range(levels or 1):
        yield {
            name: least[name] + steps[name] * (counts[name] * level // (levels or 1))
            for name in others
        }
