"""What an assertion says that does not hold: every mismatch, and where its names come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tracer.notation import Binding, shape_text
from tracer.record import Trace, Value
from tracer.testing.expectations.match_tensors import MissingTensor
from tracer.testing.expectations.mismatches import Mismatch, ShapeVerdict

WIDTH: Final = 72
"""Columns of a line; pytest puts 8 in front, and a terminal has 80."""
BELOW: Final = " " * 12


def report(trace: Trace, verdict: ShapeVerdict) -> str:
    """All mismatches as a text of several paragraphs, in lines for a terminal."""
    count = len(verdict.troubles)
    verb = "is" if count == 1 else "are"
    head = f"{count} of {verdict.compared} shapes of {trace.model} {verb} not as expected."
    paragraphs = [head, *("\n".join(_told(trace, one)) for one in verdict.troubles)]
    names = dict.fromkeys(name for one in verdict.troubles for name in _names(one))
    if names:
        paragraphs.append("\n".join(_bindings(tuple(names))))
    return "\n\n".join(paragraphs)


def _names(trouble: Mismatch | MissingTensor) -> tuple[Binding, ...]:
    return trouble.bound if isinstance(trouble, Mismatch) else ()


def _told(trace: Trace, trouble: Mismatch | MissingTensor) -> Iterator[str]:
    if isinstance(trouble, MissingTensor):
        yield f"{_title(trouble.key, trouble.label).rstrip(':')}: {trouble.reason}"
        return
    shape, value = trouble.pair.shape, trouble.pair.value
    yield _title(trouble.pair.key, trouble.pair.label)
    yield f"  expected  {shape.text or '[]'}"
    yield from _found(shape_text(value.shape, value.dtype), _maker(trace, value))
    for reason in trouble.reasons:
        yield f"  {reason}"


def _found(shape: str, maker: str) -> Iterator[str]:
    """A shape and what made it, in two lines where one would be too long."""
    line = f"  found     {shape}, {maker}"
    yield from [line] if len(line) <= WIDTH else [f"  found     {shape},", f"{BELOW}{maker}"]


def _title(key: str, label: str) -> str:
    """The tensor; behind it the key, where one cannot be told from the other."""
    key = key.strip()
    return (
        label if label.startswith((key, key.removeprefix("out:").strip())) else f"{label} ({key})"
    )


def _maker(trace: Trace, value: Value) -> str:
    """Which operation made a tensor, on which line of the model's source."""
    number = trace.producers.get(value.name)
    if number is None:
        return f"the input {value.name}"
    step = trace.steps[number]
    place = f" at {step.file}:{step.line}" if step.file else ""
    return f"made by {step.op}{place}"


def _bindings(names: tuple[Binding, ...]) -> Iterator[str]:
    width = max(len(f"{one.name} = {one.size}") for one in names)
    for number, one in enumerate(names):
        told = f"{one.name} = {one.size}"
        yield f"{'where' if number == 0 else '     '} {told:<{width}}  {_source(one)}"


def _source(binding: Binding) -> str:
    term = "" if binding.term == binding.name else f"{binding.term} in "
    return f"from {term}{binding.origin}"
