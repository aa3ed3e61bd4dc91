"""Assertions for tests: a model has the shapes that its maintainer wrote down."""

from __future__ import annotations

from typing import Any

from tracer.record import Trace
from tracer.testing.expectations import check_shapes, failure_message
from tracer.testing.expectations.match_tensors import Expected


def assert_shapes(subject: Trace | tuple[Any, Any], expected: Expected) -> None:
    """Assert that tensors of a model have the expected shapes.

    Args:
        subject: A trace (no torch needed), or a pair of a model and its inputs as `tracer.trace`
            takes them: ``assert_shapes((model, inputs), ...)``.
        expected: The shape of each tensor: ``{"down.0.block.0": "b 128 h w", "out:": "b 3 h w"}``.
            A name has the same value in all shapes. `tracer.testing.expectations` describes the
            keys, `tracer.notation` the shapes.

    Raises:
        AssertionError: Some shapes differ; the message lists all of them.
        ValueError: A shape does not follow the notation.
        TypeError: `subject` or `expected` is of another type.

    >>> from tracer.record import Block, Step, Trace, Value
    >>> x, y = Value("x", (1, 3, 32, 32), "float32"), Value("y", (1, 8, 16, 16), "float32")
    >>> root = Block("", "", "Down", (x,), (y,), 0, 0, 0, 1)
    >>> trace = Trace("Down", (x,), (y,), (Step("conv2d", (x,), (y,), ""),), root)
    >>> assert_shapes(trace, {"in:": "b 3 h w", "out:": "b 8 h/2 w/2"})
    >>> assert_shapes(trace, {"in:": "b 3 h w", "out:": "b 16 h/2 w/2"})
    Traceback (most recent call last):
    AssertionError: 1 of 2 shapes of Down is not as expected.
    <BLANKLINE>
    out:
      expected  b 16 h/2 w/2
      found     [1 8 16 16], made by conv2d
      axis 1: 16 expected, 8 found
    """
    __tracebackhide__ = True
    trace = trace_of_subject(subject)
    result = check_shapes(trace, expected)
    if result.failures:
        raise AssertionError(failure_message(trace, result))


def trace_of_subject(subject: Any) -> Trace:
    """Return the trace of a pair of a model and its inputs; a trace is returned as it is.

    Raises:
        TypeError: The subject is neither.
    """
    match subject:
        case Trace():
            return subject
        case (model, inputs):
            from tracer.api import trace

            return trace(model, inputs)
    kind = type(subject).__name__
    raise TypeError(
        f"expected a trace or a pair of a model and its inputs, not an object of type {kind}"
    )
