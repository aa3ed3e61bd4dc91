"""At which sizes a model is run, so that its shapes can be read off as formulas and proved.

First come coarse steps, by which a size may surely be made larger: twice what was given, or more,
and a multiple of 64 more, so that every halving comes out as it does at the size given. The
formulas that are read off say what smaller steps would do; these are tried next, above and below
the size given. An axis that cannot be varied is held fixed, and a note says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import lcm

from tracer.formulas import Formula
from tracer.from_torch.axes import BATCH, Axes
from tracer.from_torch.failure import Failure
from tracer.from_torch.fit import Sizes, products_by_ratios
from tracer.from_torch.samples import Runs, Sample
from tracer.record import Step, Trace

COARSE, FINE_ENOUGH, SMALL = 64, 8, 16
TRIES = 12
"""Sizes that are tried for further samples at most."""

Numbers = tuple[int, ...]
Differs = Callable[[Sample, Sizes], str | None]
"""Where a sample has another number than the formulas say, if it has."""


class Sampling:
    """Samples of one model that all run the operations of `trace`, the first at its own sizes."""

    def __init__(self, runs: Runs, trace: Trace, first: Sample, steps: Mapping[str, int]) -> None:
        self.axes = runs.axes
        self.steps = dict(steps)
        """By which each size was varied: formulas hold at what differs from it by multiples."""
        self.sizes: list[Sizes] = [dict(runs.axes.sizes)]
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

    def _whole(self, sizes: Mapping[str, int]) -> Sizes:
        return {**self.sizes[0], **sizes}

    def take_first(self, *, at_once: bool) -> str | None:
        """Take the samples that products of sizes are read off.

        All sizes grow at once; or one at a time, which takes more samples, and smaller ones.
        """
        singles = [{name: self.sizes[0][name] + self.steps[name]} for name in self.axes.names]
        wrong = [self.keep(sizes) for sizes in ([self._apart()] if at_once else singles)]
        self.first = len(wrong)
        return next((one for one in wrong if one is not None), None)

    def _apart(self) -> Sizes:
        """Sizes that have all grown by other factors, whatever powers of them are multiplied."""
        found: dict[str, int] = {}
        for name in self.axes.names:
            found[name] = self.sizes[0][name] + self.steps[name]
            while not self._tells_apart(found):
                found[name] += self.steps[name]
        return found

    def _tells_apart(self, sizes: Sizes) -> bool:
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

    def _coarse(self) -> Iterator[Sizes]:
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

    def _prove(self, sizes: Sizes, differs: Differs) -> str | None:
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

    def _above(self, number: int, steps: Mapping[str, int] | None = None) -> Sizes:
        steps = steps or self.steps
        return {
            name: self.sizes[0][name] + steps[name] * (number + 2 * place)
            for place, name in enumerate(self.axes.names)
        }

    def _least(self) -> Sizes:
        """The smallest of each size, where that is not the one given."""
        base = self.sizes[0]
        found = {
            name: base[name] % self.steps[name] or self.steps[name] for name in self.axes.names
        }
        return {name: size for name, size in found.items() if size != base[name]}

    def _half(self) -> Sizes:
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

    def shapes(self, name: str) -> list[Numbers]:
        """Each size of a value, as it is in all samples."""
        return list(zip(*(sample.shape(name) or () for sample in self.samples), strict=True))

    def flops(self, number: int) -> Numbers:
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


def trouble(trace: Trace, first: Sample, other: Sample, at: str) -> str | None:
    """How a sample fails to run what a trace ran."""
    if other.failure is not None:
        return f"at {at} {_failed(other.failure)}"
    parted = parting(trace, first, other)
    return parted and f"at {at} the model runs other operations ({parted})"


def _failed(failure: Failure) -> str:
    """`the model fails at add in mid.attn at unet.py:9 (sizes do not match)`."""
    said = str(failure.error).strip().splitlines() or [type(failure.error).__name__]
    op = f"at {failure.op} " if failure.op else ""
    place = " at {}:{}".format(*failure.place) if failure.place else ""
    return f"the model fails {op}in {failure.block or 'the model itself'}{place} ({said[0]})"


def parting(trace: Trace, first: Sample, other: Sample) -> str | None:
    """The first step at which a sample runs another operation than a trace."""
    if first.ops != other.ops:
        pairs = zip(first.ops, other.ops, strict=False)
        number = next((n for n, (one, two) in enumerate(pairs) if one != two), None)
        if number is None:
            return f"{len(other.ops)} of them instead of {len(first.ops)}"
        return f"{other.ops[number]} instead of {where(trace.steps[number])}"
    for name, shape in first.shapes.items():
        found = other.shape(name)
        if found is None or len(found) != len(shape):
            return f"{name} is not the same"
    return None


def where(step: Step | None) -> str:
    """An operation and its place: `conv2d in down.0 at unet.py:9`."""
    if step is None:
        return "an input"
    place = f" at {step.file}:{step.line}" if step.file else ""
    return f"{step.op} in {step.block or 'the model itself'}{place}"


@dataclass(frozen=True, slots=True)
class Start:
    """Axes that can be varied all at once, by these steps, and notes on those that cannot."""

    axes: Axes
    steps: Mapping[str, int]
    notes: tuple[str, ...] = ()


def started(runs: Runs, proposals: list[Axes], trace: Trace, first: Sample) -> Sampling:
    """A sampling with its first sample, of as many axes as can be varied."""
    for axes in proposals:
        start = Start(axes, _steps(runs, axes))
        sampling = _tried(runs, start, Sampling(runs.with_axes(axes), trace, first, start.steps))
        if sampling is not None:
            return sampling
    found = [_diagnosed(runs.with_axes(axes), trace, first) for axes in proposals]
    for start in sorted(found, key=lambda one: -len(one.axes.names)):
        for at_once in (True, False):
            empty = Sampling(runs.with_axes(start.axes), trace, first, start.steps)
            sampling = _tried(runs, start, empty, at_once=at_once)
            if sampling is not None:
                return sampling
    return _nothing_varies(runs, proposals[-1], trace, first)


def _tried(
    runs: Runs, start: Start, sampling: Sampling, *, at_once: bool = True
) -> Sampling | None:
    """The sampling with its first samples, if these can be taken."""
    sampling.notes += start.notes
    at_once = at_once and not runs.costly
    fine = not start.axes.names or sampling.take_first(at_once=at_once) is None
    return sampling if fine else None


def _steps(runs: Runs, axes: Axes) -> dict[str, int]:
    return {name: next(_candidates(name, axes.sizes[name], runs.costly)) for name in axes.names}


def _candidates(name: str, size: int, costly: bool) -> Iterator[int]:
    """Steps by which a size may grow, those that are surely legal first, unless they cost much."""
    enough = COARSE if size >= SMALL else FINE_ENOUGH
    if name != BATCH and size and not costly:
        yield lcm(size, enough)
    yield max(size, 1)
    if name != BATCH and costly:
        yield enough
    yield 1


def _diagnosed(runs: Runs, trace: Trace, first: Sample) -> Start:
    """Which axes can be varied by themselves, or two of them together, and why others cannot."""
    axes, steps, reasons = runs.axes, dict[str, int](), dict[str, str]()
    for name in axes.names:
        for step in _candidates(name, axes.sizes[name], runs.costly):
            wrong = _wrong_steps(runs, (name,), step, trace, first)
            if wrong is None:
                steps[name] = step
                break
            reasons.setdefault(name, wrong)
    stuck = [name for name in axes.names if name not in steps]
    notes: list[str] = []
    for one, two in combinations(stuck, 2):
        together = _step_together(runs, (one, two), trace, first)
        if together is not None:
            axes, steps[one] = axes.tied(two, one), together
            notes.append(f"{two} has to be equal to {one}, and is called {one}.")
    for name in axes.names:
        if name not in steps:
            notes.append(stays(name, axes.sizes[name], reasons[name]))
            axes = axes.fixed(name)
    return Start(axes, steps, tuple(notes))


def _step_together(runs: Runs, names: tuple[str, str], trace: Trace, first: Sample) -> int | None:
    """A step by which two sizes that are equal may grow together."""
    size, other = (runs.axes.sizes[name] for name in names)
    steps = _candidates(names[0], size, runs.costly) if size == other else iter(())
    return next((one for one in steps if not _wrong_steps(runs, names, one, trace, first)), None)


def _wrong_steps(
    runs: Runs, names: tuple[str, ...], step: int, trace: Trace, first: Sample
) -> str | None:
    """What is wrong with such a step; one of 1 must also work down, or it is only rounded off."""
    size = runs.axes.sizes[names[0]]
    sizes = [size + step] + ([size - step] if step == 1 < size else [])
    wrong = (_wrong(runs, dict.fromkeys(names, one), trace, first) for one in sizes)
    return next((one for one in wrong if one is not None), None)


def _wrong(runs: Runs, sizes: Sizes, trace: Trace, first: Sample) -> str | None:
    at = ", ".join(f"{name} = {size}" for name, size in sizes.items())
    return trouble(trace, first, runs.sample(sizes), at)


def stays(name: str, size: int, reason: str) -> str:
    """What is told of a size that cannot be varied."""
    return f"{name} is {size}, and what depends on it holds for {name} = {size} only: {reason}."


def _nothing_varies(runs: Runs, axes: Axes, trace: Trace, first: Sample) -> Sampling:
    notes = []
    for name in axes.names:
        notes.append(stays(name, axes.sizes[name], "the model does not run the same at others"))
        axes = axes.fixed(name)
    sampling = Sampling(runs.with_axes(axes), trace, first, {})
    sampling.notes += notes
    return sampling
