"""Assertions for tests: a model has the shapes that its maintainer wrote down."""

from __future__ import annotations

from typing import Any

from tracer.record import Trace
from tracer.testing.expectations import report, verdict_on
from tracer.testing.expectations.match_tensors import Expected


def assert_shapes(subject: Trace | tuple[Any, Any], expected: Expected) -> None:
    """Raise one AssertionError that tells every shape that is not as expected.

    `subject` is a trace, which needs no torch, or a model and its inputs as `tracer.trace` takes
    them: ``assert_shapes((model, inputs), ...)``. `expected` says whose tensors have which shapes:
    ``{"down.0.block.0": "b 128 h w", "mid.attn_1": "b 512 h/32 w/32"}``; a name means the same size
    throughout. See `tracer.testing.expectations` for the keys, `tracer.notation` for the shapes.

    Raises ValueError for a text that is no shape, TypeError for what is no text.
    """
    __tracebackhide__ = True
    trace = _trace_of(subject)
    verdict = verdict_on(trace, expected)
    if verdict.troubles:
        raise AssertionError(report(trace, verdict))


def _trace_of(subject: Any) -> Trace:
    """A trace as it is, or that of a model and its inputs. Raises TypeError for anything else."""
    match subject:
        case Trace():
            return subject
        case (model, inputs):
            from tracer.api import trace

            return trace(model, inputs)
    kind = type(subject).__name__
    raise TypeError(f"a trace, or a pair of a model and its inputs, is expected, and not a {kind}")
