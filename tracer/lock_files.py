"""Models compared with lock files and with each other, for Python and for the command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tracer.atomic_write import write_whole
from tracer.errors import TraceError, require_file
from tracer.record import Trace
from tracer.session import Session
from tracer.snapshot import LockFileError, Snapshot, read_lock, snapshot_of, to_lock
from tracer.snapshot.diff import Comparison, compare
from tracer.snapshot.diff.difference import MINOR_ASPECTS
from tracer.target_spec import TargetSpec

if TYPE_CHECKING:
    from torch import nn

    from tracer.from_torch.capture.model_call import Inputs

LOCK_SUFFIXES = (".yaml", ".yml")
"""The suffixes by which a target is taken for a lock file."""
BOTH_ALIKE = "trace both with symbolic=True, or both without"


def lock(
    model: nn.Module | Trace | Session, path: str | Path, *, inputs: Inputs | None = None
) -> None:
    """Write the shapes of a model to a lock file, for `check`.

    Args:
        model: A model, a trace, or a session. Size rules are found of a model or a session only,
            because they need further runs. For formulas, give a trace in formulas.
        path: The file, which is written whole or not at all.
        inputs: The inputs of a model; see `tracer.trace`.

    Raises:
        TraceError: The inputs cannot be understood or inferred.
        OSError: The file cannot be written.

    >>> import tempfile, torch, tracer
    >>> path = Path(tempfile.mkdtemp(), "net.shapes.yaml")
    >>> tracer.lock(torch.nn.Conv2d(3, 8, 3), path, inputs=(1, 3, 16, 16))
    >>> path.read_text().splitlines()[5]
    'model: Conv2d([1 3 16 16]) -> [1 8 14 14]; 224 params in [8 3 3 3], [8]'
    """
    write_whole(Path(path), to_lock(_snapshot(model, inputs)).encode())


def check(
    model: nn.Module | Trace | Session,
    path: str | Path,
    *,
    inputs: Inputs | None = None,
    strict: bool = False,
) -> Comparison:
    """Return the differences between a lock file and a model; false if there are none.

    Args:
        model: A model, a trace, or a session, as for `lock`.
        path: The lock file. If it holds formulas, the model is traced with formulas, too; if it
            holds size rules, those of the model are found. A trace is not run again, so that its
            rules are not compared.
        inputs: The inputs of a model; see `tracer.trace`.
        strict: Whether names of classes and FLOPs are compared, too.

    Raises:
        TraceError: There is no such file, it is no lock file, it is damaged, or a trace in numbers
            is compared with formulas.

    >>> import tempfile, torch, tracer
    >>> path = Path(tempfile.mkdtemp(), "net.shapes.yaml")
    >>> tracer.lock(torch.nn.Conv2d(3, 8, 3), path, inputs=(1, 3, 16, 16))
    >>> bool(tracer.check(torch.nn.Conv2d(3, 8, 3), path, inputs=(1, 3, 16, 16)))
    False
    >>> [one.what for one in tracer.check(torch.nn.Conv2d(3, 9, 3), path, inputs=(1, 3, 16, 16))]
    ['outputs', 'weights', 'parameters']
    """
    locked = locked_snapshot(Path(path), f"Write it with tracer.lock(model, {str(path)!r}).")
    now = _snapshot(model, inputs, locked)
    require_comparable(locked, now, (str(path), "the trace"), BOTH_ALIKE)
    found = compare(locked, now)
    if strict:
        return found
    counted = tuple(one for one in found.differences if one.what not in MINOR_ASPECTS)
    return replace(found, differences=counted)


def diff(
    a: nn.Module | Trace | Session | str | Path,
    b: nn.Module | Trace | Session | str | Path,
    *,
    inputs: Inputs | None = None,
) -> Comparison:
    """Return the differences between two models; false if there are none.

    Args:
        a: A model, a trace, or a session; or the name of a target, of a saved trace or of a lock
            file, as for the command. Where one of the two holds formulas, a model is traced with
            formulas, too.
        b: The other one.
        inputs: The inputs of `a` and of `b` if they are models; see `tracer.trace`.

    Raises:
        TraceError: One of them cannot be traced or read, or only one is in formulas.

    >>> import torch, tracer
    >>> one, two = torch.nn.Conv2d(3, 8, 3), torch.nn.Conv2d(3, 8, 3, padding=1)
    >>> [(found.what, found.after) for found in tracer.diff(one, two, inputs=(1, 3, 16, 16))]
    [('outputs', '[1 8 16 16]'), ('FLOPs', '110,592')]
    """
    if inputs is not None and not (_is_model(a) or _is_model(b)):
        raise TraceError("Neither a nor b is a model: give `inputs` with a model only.")
    readers = tuple(_reader(one, inputs if _is_model(one) else None) for one in (a, b))
    before, after = (read(None) for read in readers)
    if before.symbolic != after.symbolic:
        before, after = readers[0](after), readers[1](before)
    require_comparable(before, after, ("a", "b"), BOTH_ALIKE)
    return compare(before, after)


def locked_snapshot(path: Path, write_it: str) -> Snapshot:
    """Return the snapshot in a lock file.

    Raises TraceError if there is none; the message then says `write_it`.
    """
    require_file(path, write_it)
    try:
        return read_lock(path)
    except LockFileError as error:
        raise TraceError(str(error)) from error


def require_comparable(
    before: Snapshot, after: Snapshot, names: tuple[str, str], advice: str
) -> None:
    """Raise TraceError where one snapshot is in formulas, and the other in numbers."""
    kinds = _kind(before), _kind(after)
    if set(kinds) == {"formulas", "numbers"}:
        raise TraceError(f"{names[0]} holds {kinds[0]}, and {names[1]} {kinds[1]}: {advice}.")


def _kind(snapshot: Snapshot) -> str:
    """What sizes are; "either" where none varies though formulas were asked for."""
    if snapshot.symbolic:
        return "formulas"
    return "either" if snapshot.trace and snapshot.trace.symbols else "numbers"


def _snapshot(model: Any, inputs: Inputs | None, locked: Snapshot | None = None) -> Snapshot:
    """The snapshot to lock or, with `locked`, to compare with that, in its formulas."""
    known = locked.size_rules if locked else None
    subject = _traced(model, inputs)
    if isinstance(subject, Trace):
        return replace(snapshot_of(subject), size_rules=known)
    if locked is None:
        return subject.snapshot()
    found = snapshot_of(_in_formulas_of(subject, locked))
    dims = TargetSpec.from_text(locked.target).dims
    return replace(found, size_rules=subject.locked_rules(known, dims) if known else None)


def _reader(one: Any, inputs: Inputs | None) -> Callable[[Snapshot | None], Snapshot]:
    """Returns the snapshot of one side, in formulas where the other side is."""
    if isinstance(one, str | Path):
        if Path(one).suffix in LOCK_SUFFIXES:
            locked = locked_snapshot(Path(one), f"Write it with tracer.lock(model, {str(one)!r}).")
            return lambda _: locked
        one = Session.open(str(one))
    subject = _traced(one, inputs)
    if isinstance(subject, Trace):
        return lambda _: snapshot_of(subject)
    return lambda other: snapshot_of(_in_formulas_of(subject, other))


def _is_model(one: Any) -> bool:
    return not isinstance(one, Trace | Session | str | Path)


def _traced(model: Any, inputs: Inputs | None) -> Session | Trace:
    """A trace as it is, and a session for a model."""
    if isinstance(model, Trace | Session):
        if inputs is not None:
            kind = type(model).__name__.lower()
            raise TraceError(f"A {kind} has its inputs: give `inputs` with a model only.")
        if isinstance(model, Session) and model.spec.is_saved_trace:
            return model.trace
        return model
    return Session.of(model, inputs)


def _in_formulas_of(session: Session, other: Snapshot | None) -> Trace:
    if other is None or not other.symbolic:
        return session.trace
    asked = TargetSpec.from_text(other.target)
    return session.symbolic(session.spec.dims or asked.dims, session.spec.vary)
