"""The command that proves a trace: the recorded graph against the model, on real numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracer.cli.output import Destination, write_table
from tracer.cli.sessions import running_model, status_of, traced_session
from tracer.errors import TraceError
from tracer.target_spec import TargetSpec

if TYPE_CHECKING:
    from tracer.analysis.replay_verdict import ReplayVerdict
    from tracer.session import Session


def run(target: TargetSpec, destination: Destination) -> int:
    """Check that the recorded graph computes what the model does.

    The model and its recorded graph run on the same random weights and inputs,
    and every output must be equal bit for bit. If one is not, the first operation
    that differs is shown, and the exit status is 1. A model that reads the values
    of tensors must also match its graph on other numbers. Large images are
    reduced to keep the run short.

    \b
      unet-trace verify ddpm-cifar10
    """
    from tracer.render.tables.verdict_sentences import verdict_table

    session = traced_session(target)
    if target.is_saved_trace:
        made_from = session.trace.target or "package.module:name"
        raise TraceError(
            f"{target} holds no weights and no code to run: verify the model itself, as "
            f"`unet-trace verify {made_from}`."
        )
    if session.failure is not None:
        return status_of(session)
    with running_model(target.target, f"Running {target.target} and its graph"):
        verdict = _verdict(session)
    write_table(verdict_table(verdict), _record(verdict), destination)
    return 0 if verdict.proven else 1


def _verdict(session: Session) -> ReplayVerdict:
    from tracer.from_torch.targets.user_errors import describe_error

    try:
        return session.verify()
    except TraceError:
        raise
    except Exception as error:
        raise TraceError(
            f"{session.spec.target} runs on tensors without data, but fails on random numbers: "
            f"{describe_error(error)}"
        ) from error


def _record(verdict: ReplayVerdict) -> dict[str, Any]:
    import msgspec

    fields: dict[str, Any] = msgspec.to_builtins(verdict)
    del fields["notes"]  # they are on standard error
    return {"proven": verdict.proven} | fields
