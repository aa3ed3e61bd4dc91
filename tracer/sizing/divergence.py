"""Where a run at other sizes parts from the run of a trace: it fails, or other operations run."""

from __future__ import annotations

from tracer.from_torch.capture.failure import Failure
from tracer.from_torch.runs.runner import Sample
from tracer.record import Step, Trace


def trouble(trace: Trace, first: Sample, other: Sample, at: str) -> str | None:
    """How a sample fails to run what a trace ran."""
    if other.failure is not None:
        return f"at {at} {_failed(other.failure)}"
    parted = parting(trace, first, other)
    return parted and f"at {at} the model runs other operations ({parted})"


def _failed(failure: Failure) -> str:
    """`the model fails at add in mid.attn at unet.py:9 (sizes do not match)`."""
    said = str(failure.error).strip().splitlines() or [type(failure.error).__name__]
    op = f"at {failure.op} " if failure.op else ""
    place = " at {}:{}".format(*failure.source_line) if failure.source_line else ""
    return f"the model fails {op}in {failure.block or 'the model itself'}{place} ({said[0]})"


def parting(trace: Trace, first: Sample, other: Sample) -> str | None:
    """The first step at which a sample runs another operation than a trace."""
    if first.ops != other.ops:
        pairs = zip(first.ops, other.ops, strict=False)
        number = next((n for n, (one, two) in enumerate(pairs) if one != two), None)
        if number is None:
            return f"{len(other.ops)} of them instead of {len(first.ops)}"
        return f"{other.ops[number]} instead of {where(trace.steps[number])}"
    for name, shape in first.shapes.items():
        found = other.shape(name)
        if found is None or len(found) != len(shape):
            return f"{name} is not the same"
    return None


def where(step: Step | None) -> str:
    """An operation and its place: `conv2d in down.0 at unet.py:9`."""
    if step is None:
        return "an input"
    place = f" at {step.file}:{step.line}" if step.file else ""
    return f"{step.op} in {step.block or 'the model itself'}{place}"
