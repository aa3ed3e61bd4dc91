"""Why inputs of one size fail: the run that fails, and those that find the nearest that work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from torch import nn

from tracer.explanations import Advice, Explanation, Padding
from tracer.from_torch.axes import BATCH, Axes, Dims, proposed_axes
from tracer.from_torch.capture import named_inputs, record
from tracer.from_torch.causes import cause_of
from tracer.from_torch.convert import to_trace
from tracer.from_torch.samples import Runs, is_costly
from tracer.from_torch.size_law import Scan, Search

ROUND = (1, 2, 4, 8, 16, 32, 64, 128)
"""What sizes are rounded to multiples of, until the model runs."""


def explain(
    model: nn.Module,
    inputs: Any,
    dims: Dims | None = None,
    others: Iterable[Any] = (),
    target: str = "",
) -> Explanation:
    """Run a model on `inputs`, and where it fails tell why, and which sizes are nearest that work.

    `dims` names axes, as for `tracer.trace`; `others` are inputs that may work. Raises TraceError
    for names that do not fit the inputs.
    """
    recording = record(model, inputs)
    trace = to_trace(recording)
    proposals = proposed_axes(named_inputs(recording.model, inputs), dims)
    found = Explanation(
        model=trace.model,
        inputs=trace.inputs,
        sizes=proposals[0].sizes,
        cause=None,
        target=target,
        notes=trace.notes,
    )
    if recording.failure is None:
        return found
    runs = Runs(recording.model, inputs, proposals[0], costly=is_costly(recording))
    near = next(_working(runs, proposals, [named_inputs(runs.model, one) for one in others]), None)
    if near is None:
        return replace(found, cause=cause_of(recording))
    search = Search(near, to_trace(near.record({}, lines=False)))
    cause = cause_of(recording, working=search.trace)
    advice = tuple(_advice(search, proposals, runs))
    return replace(found, cause=cause, advice=advice)
