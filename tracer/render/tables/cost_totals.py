"""What a whole forward pass costs, in sentences: in numbers or in formulas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tracer.analysis.costs import Costs, Peak, superlinear_flops
from tracer.record import Trace
from tracer.render.number_format import count, grouped_formula, memory, plural
from tracer.render.tables.block_columns import trace_notes
from tracer.render.tables.cost_growth import growth_sentences


def total_sentences(trace: Trace, costs: Costs) -> tuple[str, ...]:
    """Returns the totals in sentences, what was not counted, and the notes of the trace."""
    totals = _totals_in_formulas if costs.are_formulas else _totals_in_numbers
    return (
        *totals(trace, costs),
        *_not_counted(costs.total.uncounted),
        *trace_notes(trace),
    )


def _totals_in_numbers(trace: Trace, costs: Costs) -> Iterator[str]:
    total = costs.total
    multiply_adds, flops = costs.at_run(total.multiply_adds), costs.at_run(total.flops)
    buffers = f" and {count(total.buffers)} numbers in buffers" if total.buffers else ""
    weights = memory(costs.at_run(costs.weight_bytes))
    yield f"{count(multiply_adds)} multiply-adds, or {count(flops)} FLOPs: a multiply-add is two."
    yield f"{plural(total.parameters, 'parameter')}{buffers}; {weights} of weights are read."
    yield f"The operations write {memory(costs.at_run(total.activation_bytes))}."
    if costs.peak:
        yield _peak_sentence(trace, costs.peak)


def _peak_sentence(trace: Trace, peak: Peak) -> str:
    """How much memory is in use at most, when, and how much of it holds skips."""
    start = f"Peak memory without weights: {memory(peak.bytes)}"
    if peak.step < 0:
        return f"{start}, the inputs."
    block = peak.block or "the model itself"
    moment = f"during operation {peak.step}, {trace.steps[peak.step].op}, in {block}"
    skips = f"; {memory(peak.skips)} of it hold skips" if peak.skips else ""
    return f"{start}, {moment}{skips}."


def _totals_in_formulas(trace: Trace, costs: Costs) -> Iterator[str]:
    yield f"FLOPs: {grouped_formula(str(costs.flops))}; a multiply-add is two."
    yield f"Bytes written: {grouped_formula(str(costs.bytes))}."
    found = superlinear_flops(trace)
    if found:
        yield from growth_sentences(found, trace, costs)


def _not_counted(uncounted: Mapping[str, int]) -> Iterator[str]:
    if uncounted:
        names = ", ".join(f"{name} {number:,}" for name, number in uncounted.items())
        yield f"Not counted, because their cost is not known: {names}."
