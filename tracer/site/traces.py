"""The traces that the site shows, made by running the models now. Only here is torch needed."""

from __future__ import annotations

from tracer.record import Trace
from tracer.site.errors import SiteError
from tracer.site.plan import Traced


def make_trace(traced: Traced) -> Trace:
    """Run a model of the plan and return its trace. Raises TraceError when it cannot be run."""
    from tracer.from_torch.convert import to_trace
    from tracer.from_torch.load import Request, load_target, record_target

    loaded = load_target(Request(traced.target, traced.set, traced.inputs))
    recording, _ = record_target(loaded)
    if recording.failure is not None:
        raise SiteError(f"The model {traced.name} fails: {recording.failure.error}")
    return to_trace(recording, traced.target)
