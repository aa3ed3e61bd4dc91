"""The session that a command works on, and what is reported about it on standard error."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tracer.cli.model_guard import guarded_model
from tracer.cli.stderr import report, spinner
from tracer.errors import TraceError, error_line, require_no_device, suggestion
from tracer.record import Trace
from tracer.session import Session
from tracer.store import require_no_lock_file
from tracer.target_spec import TargetSpec

if TYPE_CHECKING:
    from tracer.from_torch.runs.first_run import ModelFailure


@contextmanager
def running_model(target: str, doing: str) -> Iterator[None]:
    """Inside, a model may run, beside a sign of progress.

    Args:
        target: The name of the model.
        doing: What is done with it.

    Raises:
        TraceError: The time that `--time-limit` allows is over.
    """
    with spinner(doing), guarded_model(target):
        yield


def traced_session(target: TargetSpec, *, lines: bool = True) -> Session:
    """Return a session whose trace is made; assumed inputs are reported.

    Raises:
        TraceError: The target does not exist, or cannot be made into a model and inputs.
    """
    session = _recorded(Session.open(target, lines=lines))
    if target.in_formulas and session.failure is None:
        with running_model(target.target, f"Running {target.target} at other sizes"):
            session.trace  # noqa: B018 - finds the formulas
    return session


def runnable_session(target: TargetSpec) -> Session:
    """Return a session whose model has run, and can be run at other sizes.

    Raises:
        TraceError: As for `traced_session`, and for a saved trace, which holds no model.
    """
    if target.is_saved_trace:
        require_no_lock_file(Path(target.target))
        raise TraceError(
            f"{target.target} is a saved trace, and this command has to run the model: name the "
            "model itself, as package.module:name."
        )
    return _recorded(Session.open(target))


def _recorded(session: Session) -> Session:
    """The session, after its model has run, or its file was read."""
    target = session.spec.target
    if session.spec.is_saved_trace:
        session.trace  # noqa: B018 - reads the file
        return session
    if ":" not in target:
        _require_known(target)
    with running_model(target, f"Tracing {target}"):
        session.failure  # noqa: B018 - runs the model
    for sentence in session.assumed:
        report(f"Assumed {sentence}")
    return session


def shown_trace(session: Session) -> Trace:
    """Return the trace that was asked for; where the model fails, what was recorded before."""
    return session.trace if session.failure is None else session.partial_trace


def status_of(session: Session) -> int:
    """Return the exit status; a failure is reported on standard error, below the results."""
    if session.failure is None:
        return 0
    report("\n" + "\n\n".join(_failure_paragraphs(session, session.failure)))
    return 2


def _failure_paragraphs(session: Session, failure: ModelFailure) -> Iterator[str]:

    yield failure.note
    if session.omitted_inputs:
        names = ", ".join(session.omitted_inputs)
        yield f"Inputs that were not given: {names}. Give one as --input NAME=SHAPE[:DTYPE]."
    if session.partial_trace.mode == "training":
        yield "The model ran in training mode. To run it in evaluation mode: --eval."
    if failure.is_shape_mismatch:
        yield f"To see which sizes work: unet-trace explain {session.spec}"
    yield error_line(failure.error)


def _require_known(target: str) -> None:
    """Refuse a name that is no preset's before torch is imported."""
    from tracer.preset_registry import find_preset

    path = Path(target)
    require_no_device(path)
    if path.suffix != ".py" or not path.is_file():
        find_preset(target)
        return
    names = _classes_in(path)
    example = names[0] if names else "name"
    what = suggestion("", names) if len(names) > 1 else ""
    raise TraceError(f'"{path}" does not say which model: write {path}:{example}. {what}'.rstrip())


def _classes_in(path: Path) -> list[str]:
    """The classes and functions of a file, without running it."""
    import ast

    try:
        body = ast.parse(path.read_bytes()).body
    except SyntaxError:
        return []
    kinds = (ast.ClassDef, ast.FunctionDef)
    found = [node for node in body if isinstance(node, kinds) and not node.name.startswith("_")]
    return [node.name for node in sorted(found, key=lambda node: isinstance(node, kinds[1]))]
