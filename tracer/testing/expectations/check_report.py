"""The message of a failed assertion: every mismatch, and where the values of names come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tracer.escapes import readable_lines
from tracer.notation import Binding, shape_text
from tracer.record import Trace, Value
from tracer.testing.expectations.match_tensors import MissingTensor
from tracer.testing.expectations.mismatches import Mismatch, ShapeCheck

MAX_LINE: Final = 72
"""Columns of a line: pytest indents by 8, and a terminal has 80."""
INDENT: Final = " " * 12


def failure_message(trace: Trace, result: ShapeCheck) -> str:
    """Return all failures as paragraphs of short lines, and the values of the names in them."""
    count = len(result.failures)
    verb = "is" if count == 1 else "are"
    title = f"{count} of {result.compared} shapes of {trace.model} {verb} not as expected."
    paragraphs = [title, *("\n".join(_lines(trace, one)) for one in result.failures)]
    bindings = dict.fromkeys(binding for one in result.failures for binding in _bindings(one))
    if bindings:
        paragraphs.append("\n".join(_binding_lines(tuple(bindings))))
    return readable_lines("\n\n".join(paragraphs))


def _bindings(failure: Mismatch | MissingTensor) -> tuple[Binding, ...]:
    return failure.bindings if isinstance(failure, Mismatch) else ()


def _lines(trace: Trace, failure: Mismatch | MissingTensor) -> Iterator[str]:
    if isinstance(failure, MissingTensor):
        yield f"{_title(failure.key, failure.label).rstrip(':')}: {failure.reason}"
        return
    shape, value = failure.tensor.shape, failure.tensor.value
    yield _title(failure.tensor.key, failure.tensor.label)
    yield f"  expected  {shape.text or '[]'}"
    yield from _found_lines(shape_text(value.shape, value.dtype), _producer(trace, value))
    for reason in failure.reasons:
        yield f"  {reason}"


def _found_lines(shape: str, producer: str) -> Iterator[str]:
    """A shape and what produced it, in two lines if one would be too long."""
    line = f"  found     {shape}, {producer}"
    yield from [line] if len(line) <= MAX_LINE else [f"  found     {shape},", f"{INDENT}{producer}"]


def _title(key: str, label: str) -> str:
    """The tensor, and the key in parentheses if the label does not begin with it."""
    key = key.strip()
    return (
        label if label.startswith((key, key.removeprefix("out:").strip())) else f"{label} ({key})"
    )


def _producer(trace: Trace, value: Value) -> str:
    """The operation that made a tensor, and its line in the model's source."""
    number = trace.producers.get(value.name)
    if number is None:
        return f"the input {value.name}"
    step = trace.steps[number]
    location = f" at {step.file}:{step.line}" if step.file else ""
    return f"made by {step.op}{location}"


def _binding_lines(bindings: tuple[Binding, ...]) -> Iterator[str]:
    width = max(len(f"{one.name} = {one.size}") for one in bindings)
    for number, one in enumerate(bindings):
        text = f"{one.name} = {one.size}"
        yield f"{'where' if number == 0 else '     '} {text:<{width}}  {_source(one)}"


def _source(binding: Binding) -> str:
    term = "" if binding.term == binding.name else f"{binding.term} in "
    return f"from {term}{binding.origin}"
