"""The verdict on sizes: formulas that runs agree with, near the given sizes and far from them.

The sizes to run are chosen by `plan_runs`, the model is run there, and every number has to be what
its formula says. Where it is not, the formulas are read again with more samples, or hold in coarser
steps only, or a size is fixed. Then all is planned, run and checked again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from tracer.sizing.axes import Axes, AxisSizes
from tracer.sizing.divergence import why_unusable
from tracer.sizing.formula_check import FormulaCheck, Refutation
from tracer.sizing.run_plan import coarse_sizes, coarser_step, finest_steps, plan_runs
from tracer.sizing.sampling import SampleSet
from tracer.sizing.size_formulas import SizeFormulas, read_formulas
from tracer.sizing.sized_model import SizedModel
from tracer.sizing.step_plan import StepPlan, note_fixed_size, plan_steps

SAMPLES_PER_PRODUCT, SAMPLES_PER_SUM = 4, 6
"""How many samples a product of known sizes needs, and how many a sum over products."""


@dataclass(frozen=True, slots=True)
class SizeVerdict:
    """Formulas of a model's sizes, and for which sizes they hold.

    `axes` are the sizes that vary, `steps` by how much: the formulas hold at the given sizes and
    multiples of `steps` from them, down to `least`. `exceptions` are sizes at which the model runs,
    but not as the formulas say, each with the operation that differs. `bounded` says that some of
    these are below `least`. `formulas` is None if nothing varies.
    """

    axes: Axes
    steps: Mapping[str, int]
    formulas: SizeFormulas | None = None
    least: AxisSizes = field(default_factory=dict)
    exceptions: tuple[str, ...] = ()
    bounded: bool = False
    notes: tuple[str, ...] = ()


def reach_verdict(model: SizedModel, candidates: Sequence[Axes]) -> SizeVerdict:
    """The formulas of as many sizes as vary, checked by runs.

    Args:
        model: The model at the given sizes.
        candidates: Names for these sizes, the most likely first.
    """
    notes: tuple[str, ...] = ()
    while True:
        plan = plan_steps(model, candidates)
        notes += plan.notes
        if not plan.axes.names:
            return SizeVerdict(plan.axes, {}, notes=notes)
        found = _Proof(model.with_axes(plan.axes), plan).verdict()
        if isinstance(found, SizeVerdict):
            sentences = (f"The formulas do not hold everywhere: {one}." for one in found.exceptions)
            return replace(found, notes=(*notes, *sentences))
        axes = plan.axes
        for name, reason in found.items():
            notes += (note_fixed_size(name, axes.sizes[name], reason),)
            axes = axes.fix(name)
        candidates = [axes]


class _Proof:
    """Formulas of one plan: each round reads them, plans the runs that check them, and checks."""

    def __init__(self, model: SizedModel, plan: StepPlan) -> None:
        self._model, self._plan = model, plan
        self._real = model.uses_real_data
        self._coarse = iter(tuple(coarse_sizes(plan.axes, plan.steps, real_data=self._real)))
        self._at_least: dict[str, int] = {}
        self._tolerated: list[AxisSizes] = []

    def verdict(self) -> SizeVerdict | dict[str, str]:
        """The verdict, or the sizes that have to be fixed, each with the reason."""
        samples = self._first_samples()
        if isinstance(samples, str):
            return dict.fromkeys(self._plan.axes.names, samples)
        while True:
            samples, formulas = self._read(samples)
            steps = finest_steps(self._plan.steps, formulas.found, self._at_least)
            plan = plan_runs(self._plan.axes, steps, real_data=self._real)
            check = FormulaCheck(self._model, plan, formulas)
            exceptions, refuted = self._checked(check)
            if refuted is None:
                least, wrong = check.least()
                exceptions += (wrong,) if wrong else ()
                axes, bounded = self._plan.axes, wrong is not None
                return SizeVerdict(axes, steps, formulas, least, exceptions, bounded=bounded)
            more = self._misread(samples, formulas, refuted)
            if more is None and not refuted.is_far and not self._coarsen(check, refuted):
                if refuted.is_path or self._is_batch(refuted):
                    return self._unproved(steps, refuted)
                # no step is coarse enough: this number has no formula
                more = samples.add(refuted.seen.sizes, refuted.seen.sample)
            if more is None and refuted.is_far:
                self._tolerated.append(refuted.seen.sizes)
            samples = more or samples

    def _is_batch(self, refuted: Refutation) -> bool:
        """Whether the batch by itself refutes formulas."""
        return list(refuted.seen.sizes) == [self._plan.axes.batch]

    # ------------------------------------------------------------------------------- reading

    def _first_samples(self) -> SampleSet | str:
        """The samples of the plan; or why a model that branches on values does another thing."""
        model, axes = self._model, self._plan.axes
        first = len(self._plan.first_sizes)
        samples = SampleSet(axes.names, (axes.sizes,), (model.base_sample,), first)
        for sizes in self._plan.first_sizes:
            samples = samples.add(sizes, model.run(sizes))
        if not self._real:
            return samples
        reseeded = model.runner.run_reseeded()
        at = "the same sizes, on other numbers,"
        wrong = why_unusable(model.base, model.base_sample, reseeded, at)
        return wrong or replace(samples.add({}, reseeded), reseeded=len(samples))

    def _read(self, samples: SampleSet) -> tuple[SampleSet, SizeFormulas]:
        """Formulas that hold in all samples, of which more are taken while formulas are missing."""
        formulas = read_formulas(self._model.base, samples)
        per_direction = len(self._plan.axes.names) if self._real else 1
        for enough in (SAMPLES_PER_PRODUCT, SAMPLES_PER_SUM):
            if not formulas.missing:
                break
            while len(samples) < enough * per_direction:
                more = self._coarse_sample(samples)
                if more is None:
                    return samples, read_formulas(self._model.base, samples)
                samples = more
            formulas = read_formulas(self._model.base, samples)
        return samples, formulas

    def _coarse_sample(self, samples: SampleSet) -> SampleSet | None:
        """The samples and one more at coarse sizes; None if there are no more that work."""
        for sizes in self._coarse:
            if not samples.holds(sizes):
                seen = self._model.observe(sizes)
                if seen.problem is None:
                    return samples.add(sizes, seen.sample)
        return None

    def _misread(
        self, samples: SampleSet, formulas: SizeFormulas, refuted: Refutation
    ) -> SampleSet | None:
        """The samples to read again if a coarse one refutes the formulas, too; else None."""
        if refuted.is_path or self._real:
            return None
        more = self._coarse_sample(samples)
        if more is None or formulas.mismatch(more.samples[-1], more.sizes[-1]) is None:
            return None
        return more

    # ---------------------------------------------------------------------- drawing conclusions

    def _checked(self, check: FormulaCheck) -> tuple[tuple[str, ...], Refutation | None]:
        """The exceptions to formulas, and the first run that refutes them."""
        exceptions: dict[str, None] = {}
        for one in check.refutations():
            if not (one.is_far and (one.is_path or one.seen.sizes in self._tolerated)):
                return (), one
            exceptions[one.reason] = None
        return tuple(exceptions), None

    def _coarsen(self, check: FormulaCheck, refuted: Refutation) -> bool:
        """Double the steps of the sizes that refute formulas by themselves; False if none can."""
        changed = False
        if self._is_batch(refuted):
            return False  # a batch may have any size that runs
        for name, size in refuted.seen.sizes.items():
            step, coarse = check.plan.steps[name], self._plan.steps[name]
            if step != coarse and check.check({name: size}) is not None:
                self._at_least[name] = coarser_step(step, coarse)
                changed = True
        return changed

    def _unproved(self, steps: AxisSizes, refuted: Refutation) -> dict[str, str]:
        """The sizes that have to be fixed: the batch, or those that cannot grow by their step."""
        if self._is_batch(refuted):
            return dict.fromkeys(refuted.seen.sizes, refuted.reason)
        given, reasons = self._plan.axes.sizes, {}
        for name, step in steps.items():
            problem = self._model.observe({name: given[name] + step}).problem
            if problem is not None:
                reasons[name] = problem
        return reasons or dict.fromkeys(self._plan.axes.names, refuted.reason)
