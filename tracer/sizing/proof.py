"""Formulas of a model's sizes, read off coarse samples and proved at other sizes.

The formulas say at which smaller steps all sizes stay whole. The model is run at these steps too,
above and below the given sizes, and every number has to be what its formula says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import lcm

from tracer.algebra.polynomial import Formula
from tracer.sizing.axes import AxisSizes
from tracer.sizing.divergence import why_unusable
from tracer.sizing.sampling import (
    SampleSet,
    half_sizes,
    least_sizes,
    samples_for,
    sizes_above,
    take_first_samples,
    take_more_samples,
    take_sample,
)
from tracer.sizing.size_formulas import SizeFormulas, read_formulas
from tracer.sizing.sized_model import SizedModel
from tracer.sizing.step_plan import StepPlan

SAMPLES_PER_PRODUCT, SAMPLES_PER_SUM = 4, 6
"""How many samples a product of known sizes needs, and how many a sum over products."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Formulas, and the samples that they were read off and proved by.

    The formulas hold at the given sizes and multiples of `steps` from them. `refuted` says that a
    sample was taken with other numbers than the formulas say, so that they have to be read again.
    `failure` says why nothing could be proved, None where it could.
    """

    formulas: SizeFormulas
    samples: SampleSet
    steps: Mapping[str, int]
    refuted: bool = False
    notes: tuple[str, ...] = ()
    failure: str | None = None


def prove_formulas(model: SizedModel, plan: StepPlan) -> Proof:
    """Read formulas off the samples of a plan, and prove them.

    The proof has a `failure` if the model cannot be run at the sizes that would prove them.
    """
    proof = _prove_above(model, plan, _read_until_consistent(model, plan))
    if proof.failure is None:
        proof = _prove_below(model, proof)
    if proof.failure is None and model.uses_real_data:
        proof = _prove_reseeded(model, proof)
    if proof.failure is None and (proof.refuted or not proof.formulas.complete):
        proof = replace(proof, formulas=read_formulas(model.base, proof.samples))
    return proof


def sizes_that_fail_alone(model: SizedModel, proof: Proof) -> dict[str, str]:
    """The sizes that cannot grow by their step while all others are as given, and why."""
    sizes = sizes_above(model.axes, proof.steps, 1)
    reasons = {name: model.why_unusable({name: size}) for name, size in sizes.items()}
    return {name: reason for name, reason in reasons.items() if reason is not None}


def _read_until_consistent(model: SizedModel, plan: StepPlan) -> Proof:
    """Formulas that hold in all samples, of which more are taken while formulas are missing."""
    samples = take_first_samples(model, plan)
    formulas = read_formulas(model.base, samples)
    for enough in (SAMPLES_PER_PRODUCT, SAMPLES_PER_SUM):
        if formulas.complete:
            break
        count = samples_for(model, enough)
        samples = take_more_samples(model, samples, plan.steps, count)
        if len(samples.samples) < count:
            break
        formulas = read_formulas(model.base, samples)
    while not model.uses_real_data and _fails_at(model, formulas, _finest(plan, formulas)):
        count = len(samples.samples) + 1
        samples = take_more_samples(model, samples, plan.steps, count)
        if len(samples.samples) < count:
            break
        if formulas.mismatch(samples.samples[-1], samples.sizes[-1]) is None:
            break  # they hold at coarse steps, and have to be taken for those only
        formulas = read_formulas(model.base, samples)
    return Proof(formulas, samples, plan.steps)


def _finest(plan: StepPlan, formulas: SizeFormulas) -> dict[str, int]:
    """The smallest steps at which the formulas are whole."""
    whole = {name: whole_step(name, formulas.found) for name in plan.steps}
    return {
        name: whole[name] if step % whole[name] == 0 else step for name, step in plan.steps.items()
    }


def _fails_at(model: SizedModel, formulas: SizeFormulas, steps: Mapping[str, int]) -> bool:
    """Whether the model does the same one step above, with other numbers than the formulas say."""
    sizes = sizes_above(model.axes, steps, 1)
    usable = model.why_unusable(sizes) is None
    return usable and _mismatch(model, formulas, sizes) is not None


def _mismatch(model: SizedModel, formulas: SizeFormulas, sizes: AxisSizes) -> str | None:
    return formulas.mismatch(model.run(sizes), {**model.axes.sizes, **sizes})


def _prove_above(model: SizedModel, plan: StepPlan, proof: Proof) -> Proof:
    """Prove formulas above the given sizes, by the smallest steps at which they hold."""
    proof = replace(proof, steps=_finest(plan, proof.formulas))
    sizes = sizes_above(model.axes, proof.steps, 1)
    proved, wrong = _prove_at(model, proof, sizes)
    if wrong is None:
        return proved
    steps = _coarsen(model, plan, proof)
    sizes = sizes_above(model.axes, steps, 1)
    samples = take_sample(model, proof.samples, sizes)
    return replace(
        proof,
        steps=steps,
        refuted=True,
        samples=samples or proof.samples,
        failure=model.why_unusable(sizes),
    )


def _prove_at(model: SizedModel, proof: Proof, sizes: AxisSizes) -> tuple[Proof, str | None]:
    """The proof with a sample at these sizes; or the proof as it was, and what is wrong there."""
    wrong = model.why_unusable(sizes)
    if wrong is None:
        mismatch = _mismatch(model, proof.formulas, sizes)
        wrong = mismatch and f"at {model.describe(sizes)}, {mismatch}"
    if wrong is not None:
        return proof, wrong
    return replace(proof, samples=proof.samples.add(sizes, model.run(sizes))), None


def _coarsen(model: SizedModel, plan: StepPlan, proof: Proof) -> dict[str, int]:
    """Double the steps that are too small for the formulas, one size after another."""
    steps = dict(proof.steps)
    for name in model.axes.names:
        while steps[name] != plan.steps[name]:
            sizes = {name: model.axes.sizes[name] + steps[name]}
            usable = model.why_unusable(sizes) is None
            if usable and _mismatch(model, proof.formulas, sizes) is None:
                break
            doubled = 2 * steps[name]
            steps[name] = doubled if plan.steps[name] % doubled == 0 else plan.steps[name]
    return steps


def _prove_below(model: SizedModel, proof: Proof) -> Proof:
    """Prove formulas below the given sizes or, where the model does not run there, further above.

    A note says where below they do not hold.
    """
    for sizes in (least_sizes(model.axes, proof.steps), half_sizes(model.axes, proof.steps)):
        if not sizes:
            continue
        proof, wrong = _prove_at(model, proof, sizes)
        if wrong is None:
            return proof
        if model.run(sizes).worked:
            note = f"The formulas do not hold everywhere: {wrong}."
            proof = replace(proof, notes=(*proof.notes, note))
    sizes = sizes_above(model.axes, proof.steps, 2)
    proof, wrong = _prove_at(model, proof, sizes)
    if wrong is None:
        return proof
    samples = take_sample(model, proof.samples, sizes) or proof.samples
    return replace(proof, samples=samples, refuted=True)


def _prove_reseeded(model: SizedModel, proof: Proof) -> Proof:
    """Check that a model that branches on values does the same on other random values.

    The numbers of that sample that no size explains get no formula when all are read again.
    """
    sample = model.runner.run_reseeded()
    at = "the same sizes, on other numbers,"
    wrong = why_unusable(model.base, model.base_sample, sample, at)
    if wrong is not None:
        return replace(proof, failure=wrong)
    return replace(proof, samples=proof.samples.add({}, sample), refuted=True)


def whole_step(name: str, formulas: Iterable[Formula]) -> int:
    """The smallest step of a size by which all its formulas stay whole numbers."""
    return lcm(*_denominators(name, formulas))


def _denominators(name: str, formulas: Iterable[Formula]) -> Iterator[int]:
    """The denominators of the terms that hold no other size."""
    for formula in formulas:
        for monomial, coefficient in formula.terms:
            if [one for one, _ in monomial] == [name]:
                yield coefficient.denominator
