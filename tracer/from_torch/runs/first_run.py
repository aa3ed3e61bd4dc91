"""The run that a session starts from: the first inputs that a model takes, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from torch import nn

from tracer.errors import error_line
from tracer.from_torch.capture.convert import to_trace
from tracer.from_torch.capture.failure import failure_note
from tracer.from_torch.capture.recording import Recording, record
from tracer.from_torch.runs.model_runner import to_traced_run
from tracer.from_torch.targets.input_candidates import InputCandidate
from tracer.record import Trace
from tracer.target_spec import TargetSpec


@dataclass(frozen=True, slots=True)
class FirstRun:
    """The recording of a model, and the inputs that it was made on."""

    recording: Recording
    candidate: InputCandidate

    def to_trace(self, spec: TargetSpec) -> Trace:
        """Return the trace; a model that failed has a note that says so."""
        trace = to_trace(self.recording, spec)
        error = self.recording.error
        if error is None:
            return trace
        ended = f"the model failed after these operations: {error_line(error).splitlines()[0]}"
        return replace(trace, notes=(*trace.notes, ended))


@dataclass(frozen=True, slots=True)
class ModelFailure:
    """The exception that a model raised, and what to say about it.

    `note` says which block, line and operation raised it. `is_shape_mismatch` tells whether two
    tensors of different sizes met, so that other sizes may work.
    """

    error: Exception
    note: str
    is_shape_mismatch: bool


def run_candidates(
    model: nn.Module, candidates: Iterable[InputCandidate], *, lines: bool = True
) -> FirstRun:
    """Return the run with the first candidate that the model takes; else that with the first.

    Args:
        model: The model; it is never changed.
        candidates: Inputs to try, the most likely first; at least one.
        lines: Whether lines of source are recorded.
    """
    failed: list[FirstRun] = []
    for candidate in candidates:
        recording = record(model, candidate.inputs, lines=lines)
        run = FirstRun(recording, candidate)
        if recording.failure is None:
            return run
        failed.append(run)
    if lines:
        return failed[0]
    # the note on a failure says what was on the stack, which only lines show
    return FirstRun(record(model, failed[0].candidate.inputs), failed[0].candidate)


def failure_of(run: FirstRun, trace: Trace, notes: Iterable[str] = ()) -> ModelFailure | None:
    """Return what ended a run, with `trace` being its trace; the exception gets the note as well.

    Further `notes` are added to the exception.

    None for a run that reached its end.
    """
    failure = run.recording.failure
    if failure is None:
        return None
    note = failure_note(failure, trace)
    for one in (note, *notes):
        if one not in getattr(failure.error, "__notes__", ()):
            failure.error.add_note(one)
    from tracer.sizing.failure_cause import cause_of  # few runs fail, and it is much to import

    mismatch = cause_of(to_traced_run(run.recording)).mismatch
    return ModelFailure(failure.error, note, mismatch is not None)
