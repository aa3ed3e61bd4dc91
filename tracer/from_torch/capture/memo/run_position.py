"""A run of a model, and how far its record has come."""

from __future__ import annotations

from dataclasses import dataclass

from tracer.from_torch.capture.isolation.module_shadow import ModuleShadow
from tracer.from_torch.capture.lines.line_tracer import LineTracer
from tracer.from_torch.capture.op_recorder import OpRecorder
from tracer.from_torch.capture.source.user_source import UserSource
from tracer.from_torch.capture.tensor_source import FakeTensors


@dataclass(frozen=True, slots=True)
class RunParts:
    """What a run consists of, as far as the calls of blocks need it."""

    recorder: OpRecorder
    line_tracer: LineTracer | None
    fakes: FakeTensors
    shadow: ModuleShadow
    source: UserSource


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
    def of(run: RunParts) -> RunPosition:
        """Where a run is now."""
        recorder, lines = run.recorder, run.line_tracer
        values = recorder.values
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
