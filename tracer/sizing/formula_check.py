"""Formulas compared with runs near the given sizes, far from them and below them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tracer.sizing.axes import AxisSizes
from tracer.sizing.run_plan import SMALL_BATCHES, RunPlan
from tracer.sizing.sampling import Observation
from tracer.sizing.size_formulas import SizeFormulas
from tracer.sizing.sized_model import SizedModel


@dataclass(frozen=True, slots=True)
class Refutation:
    """A run that is not as formulas say.

    `is_path` tells that it ran other operations, or failed. `is_far` tells that the sizes are far
    from the given ones, so that the formulas may still hold near them.
    """

    seen: Observation
    reason: str
    is_path: bool
    is_far: bool = False

    @property
    def worked(self) -> bool:
        """Whether the model ran to its end, so that these sizes are legal."""
        return self.seen.sample.worked


@dataclass(frozen=True, slots=True)
class FormulaCheck:
    """The formulas of a model, and the plan of the runs that check them."""

    model: SizedModel
    plan: RunPlan
    formulas: SizeFormulas

    def refutations(self) -> Iterator[Refutation]:
        """The runs near and far that are not as the formulas say."""
        if self.formulas.missing or self.plan.steps.get(self._batch, 1) > 1:
            for size in self.plan.batches:
                found = self.check({self._batch: size})
                if found is not None and found.worked:
                    yield self._of_batch(found)
        for sizes in self.plan.near:
            yield from self._near(sizes)
        yield from self._far()
        yield from self._smallest_batch()

    def least(self) -> tuple[AxisSizes, str | None]:
        """The least sizes at which the formulas hold, found by a search from the lower end.

        The second item says where below them the model runs, but not as the formulas say.
        """
        levels = list(self.plan.below)
        if levels and self.check(levels[0]) is None:
            return levels[0], None
        low, middle, high = 0, 0, len(levels)
        wrong: Refutation | None = None
        while low < high:
            found = self.check(self._split(levels[middle])[1])  # the batch is not the reason
            if found is None:
                high = middle
            else:
                low, wrong = middle + 1, found if found.worked else wrong
            middle = (low + high) // 2
            if high == len(levels):  # the least one is most often near the lower end
                middle = min(2 * low - 1, middle)
        given = self.model.axes.sizes
        least = self._split(levels[high])[1] if high < len(levels) else given
        if wrong is None:
            return least, None
        sizes = [f"{name} = {least[name]}" for name in wrong.seen.sizes]
        return least, f"{wrong.reason}; they do from {', '.join(sizes)} on"

    def check(self, sizes: AxisSizes) -> Refutation | None:
        """What is wrong with the formulas at some sizes."""
        seen = self.model.observe(sizes)
        if seen.problem is not None:
            return Refutation(seen, seen.problem, is_path=True)
        wrong = self.formulas.mismatch(seen.sample, {**self.model.axes.sizes, **sizes})
        if wrong is None and list(sizes) == [self._batch]:
            wrong = self.formulas.unsolved_change(seen.sample)
        at = self.model.describe(sizes)
        return None if wrong is None else Refutation(seen, f"at {at} {wrong}", is_path=False)

    @property
    def _batch(self) -> str:
        return self.model.axes.batch or ""

    def _near(self, sizes: AxisSizes) -> Iterator[Refutation]:
        """What is wrong at sizes: with the batch by itself, or else with the other sizes."""
        joint = self.check(sizes)
        if joint is None:
            return
        batch, rest = self._split(sizes)
        alone = self.check(batch) if batch else None
        if alone is None:
            yield (self.check(rest) if rest else None) or joint
            return
        if alone.worked:
            yield self._of_batch(alone)
        smaller = [
            one for one in self.plan.batches if max(SMALL_BATCHES) < one < batch[self._batch]
        ]
        if alone.worked and smaller:
            yield from self._near({**sizes, self._batch: smaller[0]})
        elif rest:
            found = self.check(rest)
            if found is not None:
                yield found

    def _of_batch(self, found: Refutation) -> Refutation:
        """The refutation by a batch size: a large batch may take a path of its own."""
        size = found.seen.sizes[self._batch]
        large = size in self.plan.batches and size != min(self.plan.batches[len(SMALL_BATCHES) :])
        return replace(found, is_far=found.is_path and large and size not in SMALL_BATCHES)

    def _far(self) -> Iterator[Refutation]:
        """What is wrong far from the given sizes, along the axes that may be so large."""
        found = self.check(self.plan.far)
        if found is not None and not found.worked:
            sizes = {
                name: size
                for name, size in self.plan.far.items()
                if self.model.run({name: size}).worked
            }
            found = self.check(sizes) if sizes else None
        if found is None or not found.worked:
            return
        batch, _ = self._split(found.seen.sizes)
        alone = self.check(batch) if batch else None
        if alone is not None and alone.worked:
            yield self._of_batch(alone)
        else:
            yield replace(found, is_far=True)

    def _smallest_batch(self) -> Iterator[Refutation]:
        """What is wrong with the smallest batch, if it is wrong at the least sizes."""
        least = self.plan.below[0] if self.plan.below else {}
        batch, _ = self._split(least)
        if batch and self.check(least) is not None:
            alone = self.check(batch)
            if alone is not None and alone.worked:
                yield self._of_batch(alone)

    def _split(self, sizes: AxisSizes) -> tuple[dict[str, int], dict[str, int]]:
        """The batch, and the other sizes."""
        batch = {name: size for name, size in sizes.items() if name == self._batch}
        return batch, {name: size for name, size in sizes.items() if name not in batch}
