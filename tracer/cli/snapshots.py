"""What a command compares: the blueprint of a target, or the one that a lock file holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tracer.cli.symbolic_options import formulas_in
from tracer.cli.targets import LoadedTrace, TargetSpec, subject
from tracer.errors import TraceError, closest_file

if TYPE_CHECKING:
    from tracer.snapshot import SizeRulesSpec, Snapshot

Learn = Callable[[TargetSpec, LoadedTrace], "SizeRulesSpec | None"]
"""How the law of sizes of a target is learnt."""

SUFFIXES = (".yaml", ".yml")


def traced(wish: TargetSpec, learn: Learn | None = None) -> Snapshot | None:
    """The blueprint of a target; None where its model failed, which was told by then."""
    from tracer.snapshot import snapshot_of

    found = subject(wish)
    if found.trouble:
        found.status()
        return None
    drawn = snapshot_of(found.trace)
    return replace(drawn, size_rules=learn(wish, found)) if learn else drawn


def locked(path: Path) -> Snapshot:
    """The blueprint in a lock file. Raises TraceError where there is none."""
    from tracer.snapshot import LockFileError, read_lock

    if not path.is_file():
        found = closest_file(path)
        make = f"Write it with `unet-trace lock TARGET -o {path}`."
        hint = f'Did you mean "{found}"?' if found else make
        raise TraceError(f'There is no file "{path}". {hint}')
    try:
        return read_lock(path)
    except LockFileError as error:
        raise TraceError(str(error)) from error


def traced_or_locked(wish: TargetSpec) -> Snapshot | None:
    """The blueprint of a target, which here may be a lock file too."""
    path = Path(wish.target)
    if path.suffix not in SUFFIXES:
        return traced(wish)
    if wish.settings or wish.inputs or wish.formulas is not None:
        words = "settings, inputs and --symbolic are for what is run anew"
        raise TraceError(f"{path} is a lock file: {words}.")
    return locked(path)


def is_written(wish: TargetSpec) -> bool:
    """Whether a target is a file, a lock file or a saved trace, and nothing is run."""
    return wish.saved or Path(wish.target).suffix in SUFFIXES


def alike(wish: TargetSpec, other: Snapshot) -> TargetSpec:
    """The wish, with the formulas of the other where nothing was said about that."""
    held = is_written(wish) or wish.formulas is not None or not other.symbolic
    return wish if held else replace(wish, formulas=formulas_in(other.target))


def require_alike(before: Snapshot, after: Snapshot, names: tuple[str, str]) -> None:
    """Raise TraceError where one speaks in formulas, and the other in numbers."""
    kinds = _kind(before), _kind(after)
    if set(kinds) == {"formulas", "numbers"}:
        raise TraceError(
            f"{names[0]} holds {kinds[0]}, and {names[1]} {kinds[1]}: trace both with --symbolic, "
            "or both without."
        )


def _kind(drawn: Snapshot) -> str:
    """What sizes are; either will do where nothing varies though it was asked to."""
    if drawn.symbolic:
        return "formulas"
    return "either" if drawn.trace and drawn.trace.symbols else "numbers"
