"""tracer/render/tables/cost_totals.py: what a forward costs in all, in sentences."""

from __future__ import annotations

from dataclasses import replace

from tests.example import example, links
from tests.sketch import Sketch
from tracer.analysis.costs import Peak, cost
from tracer.render.tables.cost_totals import cost_sums

COSTS = cost(example(), links(example()))


def test_all_of_it_is_told() -> None:
    assert cost_sums(example(), COSTS) == (
        "2,561,152 multiply-adds, or 5,122,304 FLOPs: a multiply-add is two.",
        "33,259 parameters; 129.9 KiB of weights are read.",
        "247.3 KiB are written by operations.",
        "At most 59.1 KiB are live at once, weights apart: during operation 37, cat, in the model "
        "itself; 8.0 KiB of it wait as skips.",
        "Not counted, for their cost is not known: add 13, interpolate 1.",
    )


def test_buffers_are_told_where_there_are_any() -> None:
    costs = replace(COSTS, total=replace(COSTS.total, buffers=1234))
    assert "33,259 parameters and 1,234 numbers in buffers;" in cost_sums(example(), costs)[1]


def test_a_peak_without_skips_speaks_of_none() -> None:
    costs = replace(COSTS, peak=Peak(0, "embed", 2048))
    assert cost_sums(example(), costs)[3] == (
        "At most 2.0 KiB are live at once, weights apart: during operation 0, embedding, in embed."
    )


def test_a_model_that_computes_nothing_holds_its_inputs() -> None:
    run = Sketch()
    trace = run.trace(run.input("x", 1, 256))
    told = cost_sums(trace, cost(trace, ()))
    assert told[-1] == "At most 1.0 KiB are live at once, weights apart: the inputs."


def test_what_was_not_captured_as_usual_is_told() -> None:
    trace = replace(example(), notes=("the model failed after these operations: KeyError: 1",))
    assert cost_sums(trace, COSTS)[-1] == f"note: {trace.notes[0]}"
