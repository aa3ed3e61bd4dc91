"""Explains the run of a model on some inputs, with others that may work beside them."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from tracer.errors import TraceError
from tracer.from_torch.capture.model_call import Inputs
from tracer.from_torch.capture.recording import Recording
from tracer.from_torch.runs.model_runner import ModelRunner, to_traced_run
from tracer.sizing.axis_candidates import propose_axes
from tracer.sizing.explainer import explain_size
from tracer.sizing.explanation import Explanation
from tracer.target_spec import Dims


def explain_run(
    runner: ModelRunner, recording: Recording, dims: Dims, others: Iterable[Inputs]
) -> Explanation:
    """Return why a run failed, and which sizes near its own work.

    Args:
        runner: Runs the model at other sizes.
        recording: The run.
        dims: Names for the axes of inputs.
        others: Further inputs that may work.

    Raises:
        TraceError: `dims` do not fit the inputs of the run.
    """
    working = []
    for inputs in others:
        other = runner.with_inputs(inputs)
        with suppress(TraceError):  # the names may fit only the inputs that fail
            working.append((other, propose_axes(other.inputs, dims)[0]))
    axes = propose_axes(runner.inputs, dims)
    return explain_size(runner, to_traced_run(recording), axes, working)
