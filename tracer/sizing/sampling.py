"""Runs of a model at several sizes, from which its shapes are read off as formulas and proved.

The first steps are coarse. The formulas that are read off say what smaller ones would do; these are
tried next, above and below the size given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import lcm

from tracer.algebra.polynomial import Formula
from tracer.from_torch.runs.runner import ModelRunner, Sample
from tracer.record import Trace
from tracer.sizing.divergence import trouble
from tracer.sizing.fit import AxisSizes, products_by_ratios

TRIES = 12
"""Sizes that are tried for further samples at most."""

Integers = tuple[int, ...]
Differs = Callable[[Sample, AxisSizes], str | None]
"""Where a sample has another number than the formulas say, if it has."""


class Sampling:
    """Samples of one model that all run the operations of `trace`, the first at its own sizes."""

    def __init__(
        self, runs: ModelRunner, trace: Trace, first: Sample, steps: Mapping[str, int]
    ) -> None:
        self.axes = runs.axes
        self.steps = dict(steps)
        """By which each size was varied: formulas hold at what differs from it by multiples."""
        self.sizes: list[AxisSizes] = [dict(runs.axes.sizes)]
        self.samples: list[Sample] = [first]
        self.first = 0
        """How many samples products of sizes are read off."""
        self.notes: list[str] = []
        self.refuted = False
        """Whether some sample has other numbers than the formulas said that were read off."""
        self._runs = runs
        self._trace = trace
        self._troubles: dict[tuple[tuple[str, int], ...], str | None] = {}

    @property
    def costly(self) -> bool:
        """Whether the samples are taken on real numbers."""
        return self._runs.costly

    def trouble(self, sizes: Mapping[str, int]) -> str | None:
        """Why a sample at those sizes is of no use; None where it is."""
        key = tuple(sizes.items())
        if key not in self._troubles:
            sample = self._runs.sample(sizes)
            self._troubles[key] = trouble(self._trace, self.samples[0], sample, self._of(sizes))
        return self._troubles[key]

    def _of(self, sizes: Mapping[str, int]) -> str:
        given = self.sizes[0]
        return ", ".join(f"{name} = {size}" for name, size in sizes.items() if size != given[name])

    def keep(self, sizes: Mapping[str, int]) -> str | None:
        """Keep the sample at those sizes, or return what is wrong with it."""
        wrong = self.trouble(sizes)
        if wrong is None:
            self.sizes.append(self._whole(sizes))
            self.samples.append(self._runs.sample(sizes))
        return wrong

    def _whole(self, sizes: Mapping[str, int]) -> AxisSizes:
        return {**self.sizes[0], **sizes}

    def take_first(self, *, at_once: bool) -> str | None:
        """Take the samples that products of sizes are read off.

        All sizes grow at once; or one at a time, which takes more samples, and smaller ones.
        """
        singles = [{name: self.sizes[0][name] + self.steps[name]} for name in self.axes.names]
        wrong = [self.keep(sizes) for sizes in ([self._apart()] if at_once else singles)]
        self.first = len(wrong)
        return next((one for one in wrong if one is not None), None)

    def _apart(self) -> AxisSizes:
        """Sizes that have all grown by other factors, whatever powers of them are multiplied."""
        found: dict[str, int] = {}
        for name in self.axes.names:
            found[name] = self.sizes[0][name] + self.steps[name]
            while not self._tells_apart(found):
                found[name] += self.steps[name]
        return found

    def _tells_apart(self, sizes: AxisSizes) -> bool:
        try:
            products_by_ratios(self.sizes[0], [sizes], tuple(sizes))
        except ValueError:
            return False
        return True

    def more(self, count: int) -> bool:
        """Take coarse samples until there are `count`, in each direction; whether there are."""
        count *= len(self.axes.names) if self.costly else 1
        for sizes in self._coarse():
            if len(self.samples) >= count:
                break
            if self._whole(sizes) not in self.sizes:
                self.keep(sizes)
        return len(self.samples) >= count

    def _coarse(self) -> Iterator[AxisSizes]:
        """Sizes that are surely legal, in many proportions."""
        base = self.sizes[0]
        for number in range(2, TRIES + 2):
            if self.costly:
                name = self.axes.names[number % len(self.axes.names)]
                yield {name: base[name] + self.steps[name] * (2 + number // len(self.axes.names))}
                continue
            yield {
                name: base[name] + self.steps[name] * (1 + (number * (place + 1)) % 5)
                for place, name in enumerate(self.axes.names)
            }

    def refine(self, formulas: list[Formula], differs: Differs) -> str | None:
        """Take smaller steps, as far as `formulas` are whole and hold there; then prove them.

        Returns what is wrong where no further sample can be taken. A formula that fails at the
        steps that it was read off is no formula; the samples that are kept show it.
        """
        coarse, self.steps = self.steps, self._fine(formulas)
        if self._prove(self._above(1), differs) is not None:
            self._coarsen(coarse, differs)
            self.refuted = True
            wrong = self.keep(self._above(1))
            if wrong is not None:
                return wrong
        self._prove_below(differs)
        return None

    def _fine(self, formulas: list[Formula]) -> dict[str, int]:
        """The smallest steps at which the formulas are whole."""
        fine = {name: multiple(name, formulas) for name in self.steps}
        return {
            name: fine[name] if step % fine[name] == 0 else step
            for name, step in self.steps.items()
        }

    def misread(self, formulas: list[Formula], differs: Differs) -> bool:
        """Whether formulas fail at small steps and at large ones, so that they never were right.

        The sample that shows it is kept, and they are to be read again.
        """
        if self.costly:
            return False
        sizes = self._above(1, self._fine(formulas))
        if self.trouble(sizes) or not differs(self._runs.sample(sizes), self._whole(sizes)):
            return False
        more = self.more(len(self.samples) + 1)
        return more and differs(self.samples[-1], self.sizes[-1]) is not None

    def _prove(self, sizes: AxisSizes, differs: Differs) -> str | None:
        wrong = self.trouble(sizes)
        if wrong is None:
            found = differs(self._runs.sample(sizes), self._whole(sizes))
            wrong = found and f"at {self._of(sizes)}, {found}"
        return wrong or self.keep(sizes)

    def _prove_below(self, differs: Differs) -> None:
        """A proof at sizes smaller than given, or, where the model does not run there, larger."""
        for below in (self._least(), self._half()):
            wrong = self._prove(below, differs) if below else "there is no smaller size"
            if wrong is None:
                return
            if below and self._runs.sample(below).worked:
                self.notes.append(f"The formulas do not hold everywhere: {wrong}.")
        if self._prove(self._above(2), differs) is not None:
            self.refuted = True
            self.keep(self._above(2))

    def _above(self, number: int, steps: Mapping[str, int] | None = None) -> AxisSizes:
        steps = steps or self.steps
        return {
            name: self.sizes[0][name] + steps[name] * (number + 2 * place)
            for place, name in enumerate(self.axes.names)
        }

    def _least(self) -> AxisSizes:
        """The smallest of each size, where that is not the one given."""
        base = self.sizes[0]
        found = {
            name: base[name] % self.steps[name] or self.steps[name] for name in self.axes.names
        }
        return {name: size for name, size in found.items() if size != base[name]}

    def _half(self) -> AxisSizes:
        """About half of each size, where that is possible."""
        found = {}
        for place, name in enumerate(self.axes.names):
            size, step = self.sizes[0][name], self.steps[name]
            less = max(1, size // (2 * step) - place % 2)
            if size - less * step > 0:
                found[name] = size - less * step
        return found

    def prove_on_other_numbers(self) -> str | None:
        """Of a model that decides by numbers: does it decide the same by others?"""
        sample = self._runs.other_numbers()
        wrong = trouble(self._trace, self.samples[0], sample, "the same sizes, on other numbers,")
        if wrong is None:
            self.refuted = True
            self.sizes.append(self.sizes[0])
            self.samples.append(sample)
        return wrong

    def culprits(self) -> dict[str, str]:
        """The sizes that cannot be varied by themselves as they were to be, and why."""
        found = {}
        for name, size in self._above(1).items():
            wrong = self.trouble({name: size})
            if wrong is not None:
                found[name] = wrong
        return found

    def _coarsen(self, coarse: Mapping[str, int], differs: Differs) -> None:
        """Larger steps where the small ones will not do, one size after another."""
        for name in self.axes.names:
            while self.steps[name] != coarse[name]:
                sizes = {name: self.sizes[0][name] + self.steps[name]}
                works = self.trouble(sizes) is None
                if works and not differs(self._runs.sample(sizes), self._whole(sizes)):
                    break
                doubled = 2 * self.steps[name]
                self.steps[name] = doubled if coarse[name] % doubled == 0 else coarse[name]

    def shapes(self, name: str) -> list[Integers]:
        """Each size of a value, as it is in all samples."""
        return list(zip(*(sample.shape(name) or () for sample in self.samples), strict=True))

    def flops(self, number: int) -> Integers:
        """The FLOPs of a step in all samples."""
        return tuple(sample.flops[number] or 0 for sample in self.samples)


def multiple(name: str, formulas: list[Formula]) -> int:
    """By how much a size has to grow for all formulas to stay whole."""
    bottoms = (
        coefficient.denominator
        for formula in formulas
        for monomial, coefficient in formula.terms
        if [one for one, _ in monomial] == [name]
    )
    return lcm(*bottoms)
