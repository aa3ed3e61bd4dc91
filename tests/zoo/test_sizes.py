"""Formulas and laws of sizes of UNets of published packages, at sizes that nobody has tried."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import tracer
from tests.zoo.measures import built
from tests.zoo.parameters import each_specimen, zoo
from tests.zoo.sizes import elsewhere, filled_at, in_formulas, law, misjudged, stays
from tests.zoo.specimens import Specimen
from tracer.algebra.substitute import resize
from tracer.record import Trace

pytestmark = zoo

PLACE = re.compile(r" in .+ at \S+\.py:\d+")


def steps(trace: Trace) -> Iterator[Any]:
    """What each operation made, of what, and at what cost."""
    for step in trace.steps:
        shapes = [[value.shape for value in values] for values in (step.inputs, step.outputs)]
        yield step.op, *shapes, step.flops


@each_specimen
def test_formulas_say_what_a_trace_at_other_sizes_says(one: Specimen) -> None:
    sizes = elsewhere(one)
    there = tracer.trace(built(one), filled_at(one, sizes))
    assert list(steps(resize(in_formulas(one), sizes))) == list(steps(there))


@each_specimen
def test_every_size_is_a_formula_but_those_that_the_model_is_built_for(one: Specimen) -> None:
    told = stays(in_formulas(one))
    assert tuple(told) == one.fixed
    assert all(map(PLACE.search, told.values()))


@each_specimen
def test_the_law_forbids_no_size_that_works_and_allows_none_that_fails(one: Specimen) -> None:
    assert list(misjudged(one)) == []


@each_specimen
def test_what_the_law_forbids_is_traced_to_a_line_of_the_model(one: Specimen) -> None:
    for rule in law(one).rules:
        failed = [trial for trial in rule.trials if not trial.worked]
        assert bool(failed) == bool(rule.causes)
        assert all(cause.at.file for cause in rule.causes)
