"""What a forward costs in all, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from tracer.analysis.costs import Cost, Costs, Peak
from tracer.record import Trace
from tracer.render import number_format
from tracer.render.tables.block_columns import trace_notes


def cost_sums(trace: Trace, costs: Costs) -> tuple[str, ...]:
    """What all of it comes to, in sentences."""
    total = costs.total
    counted = f"{number_format.count(total.multiply_adds)} multiply-adds"
    buffers = (
        f" and {number_format.count(total.buffers)} numbers in buffers" if total.buffers else ""
    )
    return (
        f"{counted}, or {number_format.count(total.flops)} FLOPs: a multiply-add is two.",
        f"{number_format.plural(total.parameters, 'parameter')}{buffers}; "
        f"{number_format.memory(costs.weight_bytes)} of weights are read.",
        f"{number_format.memory(total.activation_bytes)} are written by operations.",
        _peak(trace, costs.peak),
        *_unknown(total),
        *trace_notes(trace),
    )


def _peak(trace: Trace, peak: Peak) -> str:
    """How much is live at most, when, and how much of it only waits."""
    live = f"At most {number_format.memory(peak.bytes)} are live at once, weights apart"
    if peak.step < 0:
        return f"{live}: the inputs."
    block = peak.block or "the model itself"
    moment = f"during operation {peak.step}, {trace.steps[peak.step].op}, in {block}"
    waiting = f"; {number_format.memory(peak.skips)} of it wait as skips" if peak.skips else ""
    return f"{live}: {moment}{waiting}."


def _unknown(total: Cost) -> Iterator[str]:
    """The operations that no number here contains."""
    if total.uncounted:
        names = ", ".join(f"{name} {count:,}" for name, count in total.uncounted.items())
        yield f"Not counted, for their cost is not known: {names}."
