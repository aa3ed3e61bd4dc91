"""tracer/render/tables/cost_totals.py: what a forward pass costs in all, in sentences."""

from __future__ import annotations

from dataclasses import replace

from tests.example import example
from tests.render.symbolic_costs import symbolic_trace
from tests.sketch import Sketch
from tracer.analysis.costs import Peak, cost
from tracer.render.tables.cost_report import total_sentences

COSTS = cost(example())


def test_all_of_it_is_told() -> None:
    assert total_sentences(example(), COSTS) == (
        "2,561,152 multiply-adds, or 5,122,304 FLOPs: a multiply-add is two.",
        "33,259 parameters; 129.9 KiB of weights are read.",
        "The operations write 247.3 KiB.",
        "Peak memory without weights: 59.1 KiB, during operation 37, cat, in the model itself; "
        "8.0 KiB of it hold skips.",
        "Not counted, because their cost is not known: add 13, interpolate 1.",
        "In training mode.",
    )


def test_buffers_are_told_where_there_are_any() -> None:
    costs = replace(COSTS, total=replace(COSTS.total, buffers=1234))
    assert "33,259 parameters and 1,234 numbers in buffers;" in total_sentences(example(), costs)[1]


def test_a_peak_without_skips_speaks_of_none() -> None:
    costs = replace(COSTS, peak=Peak(0, "embed", 2048))
    assert total_sentences(example(), costs)[3] == (
        "Peak memory without weights: 2.0 KiB, during operation 0, embedding, in embed."
    )


def test_a_model_that_computes_nothing_holds_its_inputs() -> None:
    run = Sketch()
    trace = run.trace(run.input("x", 1, 256))
    told = total_sentences(trace, cost(trace))
    assert told[-1] == "Peak memory without weights: 1.0 KiB, the inputs."


def test_what_was_not_captured_as_usual_is_told() -> None:
    trace = replace(example(), notes=("the model failed after these operations: KeyError: 1",))
    assert total_sentences(trace, COSTS)[-1] == f"note: {trace.notes[0]}"


# -------------------------------------------------------------------------------------- formulas


def test_the_totals_say_what_grows_with_the_square_and_when_it_is_the_most() -> None:
    trace = symbolic_trace()
    flops, written, grows, share, exceeds, unknown, sizes, _ = total_sentences(trace, cost(trace))
    assert flops == "FLOPs: 4·B·(H·W)² + 936·B·H·W + 128·B; a multiply-add is two."
    assert written.startswith("Bytes written: ")
    assert grows == (
        "Attention grows with (H·W)²: "
        "4·B·(H·W)² FLOPs of scaled_dot_product_attention, in mid.attn."
    )
    assert share == "At B = 1, H = W = 16 this is 52.2% of all FLOPs."
    assert exceeds == "From H = W = 16 on, it exceeds conv2d."
    assert unknown == "Not counted, because their cost is not known: add 13, interpolate 1."
    assert sizes.startswith("sizes: B = 1, H = W = 16 in this run")


def test_where_nothing_grows_with_the_square_the_totals_do_not_speak_of_it() -> None:
    trace = symbolic_trace()
    flat = replace(trace, steps=tuple(replace(step, flops=8) for step in trace.steps))
    assert len(total_sentences(flat, cost(flat))) == 4


def test_many_blocks_are_named_by_the_first_and_counted() -> None:
    trace = symbolic_trace()
    many = replace(trace, steps=tuple(replace(step, flops="H**2") for step in trace.steps))
    growth = total_sentences(many, cost(many))[2]
    assert growth.startswith("FLOPs grow with H²: 52·H² FLOPs of embedding, ")
    assert growth.endswith(", in embed, the model itself and 29 more blocks.")
