"""Where a tensor of a trace comes from: the block and line that made it, or the list it was on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from tracer.analysis.size_path import producer_of
from tracer.analysis.stack_events import StackEvent, stack
from tracer.record import Trace, Value


@dataclass(frozen=True, slots=True)
class StepLocation:
    """A step of the trace as a reader looks for it: its block, and its line of source."""

    block: str
    file: str | None
    line: int | None


@dataclass(frozen=True, slots=True)
class ExternalTensor:
    """A tensor that no block made: an input of the model, or a parameter or buffer."""

    kind: Literal["input", "weight"]
    name: str


@dataclass(frozen=True)
class ValueOrigins:
    """Where the values of a trace come from."""

    trace: Trace

    @cached_property
    def pushes(self) -> dict[str, StackEvent]:
        """The first push of each value that was pushed."""
        events = [event for event in stack(self.trace) if event.kind == "push"]
        return {event.value.name: event for event in reversed(events)}

    def made_at(self, value: Value) -> StepLocation:
        """Where a value was made: the outermost block that put it out, and the line of the step."""
        blocks = self.trace.root.walk()
        producers = (one.call for one in blocks if one.call and value in one.outputs)
        step = producer_of(self.trace, value)
        block = next(producers, step.block if step else "")
        return StepLocation(block, step.file if step else None, step.line if step else None)

    def pushed_at(self, value: Value) -> StepLocation:
        """Where a value was pushed on a list, or made if no list was observed."""
        made, push = self.made_at(value), self.pushes.get(value.name)
        return StepLocation(made.block, push.file, push.line) if push else made

    def external(self, value: Value) -> ExternalTensor | None:
        """What a value is that no block made; None for any other."""
        step = producer_of(self.trace, value)
        if step is not None:
            is_weight = step.weights and not step.inputs
            return ExternalTensor("weight", step.weights[0].name) if is_weight else None
        is_input = any(one.name == value.name for one in self.trace.inputs)
        return ExternalTensor("input" if is_input else "weight", value.name)
