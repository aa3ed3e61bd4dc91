"""What a forward costs in all, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from tracer.costs import Cost, Costs, Peak
from tracer.record import Trace
from tracer.render import figures
from tracer.render.block_columns import notes_of


def cost_sums(trace: Trace, costs: Costs) -> tuple[str, ...]:
    """What all of it comes to, in sentences."""
    total = costs.total
    counted = f"{figures.count(total.multiply_adds)} multiply-adds"
    buffers = f" and {figures.count(total.buffers)} numbers in buffers" if total.buffers else ""
    return (
        f"{counted}, or {figures.count(total.flops)} FLOPs: a multiply-add is two.",
        f"{figures.plural(total.parameters, 'parameter')}{buffers}; "
        f"{figures.memory(costs.weight_bytes)} of weights are read.",
        f"{figures.memory(total.activation_bytes)} are written by operations.",
        _peak(trace, costs.peak),
        *_unknown(total),
        *notes_of(trace),
    )


def _peak(trace: Trace, peak: Peak) -> str:
    """How much is live at most, when, and how much of it only waits."""
    live = f"At most {figures.memory(peak.bytes)} are live at once, weights apart"
    if peak.step < 0:
        return f"{live}: the inputs."
    block = peak.block or "the model itself"
    moment = f"during operation {peak.step}, {trace.steps[peak.step].op}, in {block}"
    waiting = f"; {figures.memory(peak.skips)} of it wait as skips" if peak.skips else ""
    return f"{live}: {moment}{waiting}."


def _unknown(total: Cost) -> Iterator[str]:
    """The operations that no number here contains."""
    if total.uncounted:
        names = ", ".join(f"{name} {count:,}" for name, count in total.uncounted.items())
        yield f"Not counted, for their cost is not known: {names}."
