"""The models that the site shows, run now. Only here is torch needed."""

from __future__ import annotations

from dataclasses import replace

from tracer.site.errors import SiteError
from tracer.site.findings import Findings
from tracer.site.plan import Traced


def find(traced: Traced) -> Findings:
    """Run a model of the plan at its own sizes, and at others. Raises TraceError if it cannot be.

    It is recorded once, and loaded once: the formulas and the law are of the same recording.
    """
    from tracer.from_torch.convert import to_trace
    from tracer.from_torch.load import Request, load_target, record_target
    from tracer.from_torch.size_law import sizes
    from tracer.from_torch.symbolic import to_symbolic

    loaded = load_target(Request(traced.target, traced.set, traced.inputs))
    recording, number = record_target(loaded)
    if recording.failure is not None:
        raise SiteError(f"The model {traced.name} fails: {recording.failure.error}")
    trace, inputs = to_trace(recording, traced.target), loaded.proposals[number].inputs
    return Findings(
        trace=trace,
        formulas=to_symbolic(recording, inputs, trace),
        law=replace(sizes(loaded.model, inputs), target=traced.target),
    )
