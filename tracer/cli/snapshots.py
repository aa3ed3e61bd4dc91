"""What a command compares: the snapshot of a target, or the one that a lock file holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tracer.cli.sessions import running_model, status_of, traced_session
from tracer.cli.stderr import report
from tracer.errors import TraceError
from tracer.target_spec import TargetSpec

if TYPE_CHECKING:
    from tracer.session import Session
    from tracer.snapshot import SizeRulesSpec, Snapshot


def snapshot_of_target(
    target: TargetSpec, known: SizeRulesSpec | None = None, *, rules: bool
) -> Snapshot | None:
    """Return the snapshot of a target; None where its model failed, which is reported.

    Args:
        target: What to trace.
        known: The size rules of a lock file, which stay where they cannot be checked.
        rules: Whether size rules are looked for.
    """
    session = traced_session(target)
    if session.failure is not None:
        status_of(session)
        return None
    found = _size_rules(session, known) if rules else None
    return replace(session.snapshot(rules=False), size_rules=found)


def _size_rules(session: Session, known: SizeRulesSpec | None) -> SizeRulesSpec | None:
    """The size rules of a model; the known ones where they cannot be checked, which is reported."""
    target = session.spec
    if target.is_saved_trace:
        reason = f"{target.target} is a saved trace, and they are found by running the model"
        report(f"The size rules were not checked: {reason}.")
        return known
    with running_model(target.target, f"Running {target.target} at other sizes"):
        found = session.locked_rules(known)
    if found is None:
        reason = "the values of tensors decide what the model runs, so it would run on real data"
        report(f"The size rules were not checked: {reason}.")
    return found or known


def snapshot_in_lock(path: Path) -> Snapshot:
    """Return the snapshot in a lock file. Raises TraceError where there is none."""
    from tracer.lock_files import locked_snapshot

    return locked_snapshot(path, f"Write it with `unet-trace lock TARGET -o {path}`.")


def load_snapshot(target: TargetSpec) -> Snapshot | None:
    """Return the snapshot of a target, which may be a lock file."""
    if not _is_lock_file(target):
        return snapshot_of_target(target, rules=False)
    if target != TargetSpec(target.target):
        raise TraceError(
            f"{target.target} is a lock file: settings, inputs, --symbolic, --train and --eval "
            "apply to models that are run."
        )
    return snapshot_in_lock(Path(target.target))


def is_file(target: TargetSpec) -> bool:
    """Whether a target is a lock file or a saved trace, so that nothing is run."""
    return target.is_saved_trace or _is_lock_file(target)


def with_options(target: TargetSpec, both: TargetSpec) -> TargetSpec:
    """Return a target with the options for several; its own come first. A file is not run."""
    shared = replace(target, symbolic=both.symbolic)
    if is_file(target):
        return shared
    return replace(
        shared,
        settings={**both.settings, **target.settings},
        inputs={**both.inputs, **target.inputs},
        dims={**both.dims, **target.dims},
        size=target.size or both.size,
        batch=target.batch or both.batch,
        vary=tuple(dict.fromkeys((*both.vary, *target.vary))),
        mode=both.mode,
    )


def _is_lock_file(target: TargetSpec) -> bool:
    from tracer.lock_files import LOCK_SUFFIXES

    return Path(target.target).suffix in LOCK_SUFFIXES


def with_formulas_of(target: TargetSpec, other: Snapshot) -> TargetSpec:
    """Return the target, in formulas of the same names where the other one is in formulas."""
    if is_file(target) or target.in_formulas or not other.symbolic:
        return target
    asked = target.in_formulas_like(TargetSpec.from_text(other.target))
    return asked if asked.in_formulas else replace(asked, symbolic=True)


def as_locked(target: TargetSpec, locked: Snapshot) -> TargetSpec:
    """Return the target, in the formulas and in the mode that a lock file was written with."""
    target = with_formulas_of(target, locked)
    if is_file(target) or target.mode is not None:
        return target
    return replace(target, mode=TargetSpec.from_text(locked.target).mode)


def require_same_kind(before: Snapshot, after: Snapshot, names: tuple[str, str]) -> None:
    """Raise TraceError where one snapshot is in formulas, and the other in numbers."""
    from tracer.lock_files import require_comparable

    require_comparable(before, after, names, "trace both with --symbolic, or both without")
