"""Where a run at other sizes diverges from a trace: it fails, or it runs other operations."""

from __future__ import annotations

from tracer.analysis.step_location import describe_location
from tracer.record import Step, Trace
from tracer.sizing.runner import RunFailure, Sample


def why_unusable(base: Trace, base_sample: Sample, sample: Sample, at: str) -> str | None:
    """Why a run does not do what the trace does; None if it does.

    Args:
        base: The trace that the run is compared with.
        base_sample: The same trace as a sample.
        sample: The run.
        at: The sizes of the run as a message names them, ``"H = 16"``.
    """
    if sample.failure is not None:
        return f"at {at} {_describe_failure(sample.failure)}"
    divergence = first_divergence(base, base_sample, sample)
    return divergence and f"at {at} the model runs other operations ({divergence})"


def _describe_failure(failure: RunFailure) -> str:
    """`the model fails at add in mid.attn at unet.py:9 (sizes do not match)`."""
    what = f"the model fails at {failure.op}" if failure.op else "the model fails"
    place = describe_location(what, failure.block, failure.file, failure.line)
    return f"{place} ({failure.summary})"


def first_divergence(base: Trace, base_sample: Sample, sample: Sample) -> str | None:
    """The first step at which a run does another operation than a trace; None if all agree."""
    if base_sample.ops != sample.ops:
        pairs = zip(base_sample.ops, sample.ops, strict=False)
        number = next((n for n, (one, two) in enumerate(pairs) if one != two), None)
        if number is None:
            return f"{len(sample.ops)} instead of {len(base_sample.ops)}"
        return f"{sample.ops[number]} instead of {describe_step(base.steps[number])}"
    for name, shape in base_sample.shapes.items():
        found = sample.shape(name)
        if found is None or len(found) != len(shape):
            return f"{name} is not the same"
    return None


def describe_step(step: Step | None) -> str:
    """An operation and its place: `conv2d in down.0 at unet.py:9`; None stands for an input."""
    if step is None:
        return "an input"
    return describe_location(step.op, step.block, step.file, step.line)
