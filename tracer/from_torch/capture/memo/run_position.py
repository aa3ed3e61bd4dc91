"""How far the record of a run has come."""

from __future__ import annotations

from dataclasses import dataclass

from tracer.from_torch.capture.lines.line_tracer import LineTracer
from tracer.from_torch.capture.op_recorder import OpRecorder


@dataclass(frozen=True, slots=True)
class RunPosition:
    """The lengths of what a run has recorded, and its counters, at one moment.

    `undecided` counts what did not follow from the metadata of tensors alone, or was more than the
    record of an operation: changes in place, constants, notes, calls that failed.
    """

    events: int
    operations: int
    lines: int
    frames: int
    functions: int
    undecided: tuple[object, ...]

    @staticmethod
    def of(recorder: OpRecorder, line_tracer: LineTracer | None) -> RunPosition:
        """Where a run is now."""
        values, lines = recorder.values, line_tracer
        undecided = (
            *(recorder.undecided, recorder.missed, len(recorder.notes)),
            *(values.revision, recorder.last_error),
        )
        return RunPosition(
            len(values.events),
            len(recorder.operations),
            len(lines.slots) if lines else 0,
            lines.frames if lines else 0,
            lines.functions if lines else 0,
            undecided,
        )
