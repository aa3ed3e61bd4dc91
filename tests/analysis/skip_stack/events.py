"""Short ways to write the events of a list."""

from __future__ import annotations

from dataclasses import replace

from tracer.analysis.stack_events import StackEvent
from tracer.record import Value


def tensor(name: str, *shape: int) -> Value:
    return Value(name, shape or (1, 4, 2, 2), "float32")


def event(
    kind: str, value: Value | str, depth: int, *, on: str = "hs", step: int = 0, block: str = ""
) -> StackEvent:
    return StackEvent(
        kind="push" if kind == "push" else "pop",
        name=on,
        value=tensor(value) if isinstance(value, str) else value,
        depth=depth,
        file="net.py",
        line=10 + step,
        step=step,
        function="Net.forward",
        block=block,
    )


def in_turn(*events: StackEvent) -> list[StackEvent]:
    """The events, each on a line of its own, one operation after another."""
    return [replace(event, step=n, line=10 + n) for n, event in enumerate(events)]
