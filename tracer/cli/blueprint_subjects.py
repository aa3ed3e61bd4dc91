"""What a command compares: the blueprint of a target, or the one that a lock file holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tracer.cli.subjects import Wish, subject
from tracer.errors import TraceError, near_file

if TYPE_CHECKING:
    from tracer.blueprints import Blueprint

SUFFIXES = (".yaml", ".yml")


def traced(wish: Wish) -> Blueprint | None:
    """The blueprint of a target; None where its model failed, which was told by then."""
    from tracer.blueprints import blueprint

    found = subject(wish)
    if found.trouble:
        found.status()
        return None
    return blueprint(found.trace)


def locked(path: Path) -> Blueprint:
    """The blueprint in a lock file. Raises TraceError where there is none."""
    from tracer.blueprints import LockFileError, from_lock

    if not path.is_file():
        found = near_file(path)
        make = f"Write it with `unet-trace lock TARGET -o {path}`."
        hint = f'Did you mean "{found}"?' if found else make
        raise TraceError(f'There is no file "{path}". {hint}')
    try:
        return from_lock(path.read_text(encoding="utf-8"), str(path))
    except (LockFileError, UnicodeDecodeError) as error:
        raise TraceError(str(error)) from error


def traced_or_locked(wish: Wish) -> Blueprint | None:
    """The blueprint of a target, which here may be a lock file too."""
    path = Path(wish.target)
    if path.suffix not in SUFFIXES:
        return traced(wish)
    if wish.settings or wish.inputs:
        raise TraceError(f"{path} is a lock file: settings and inputs are for what is run anew.")
    return locked(path)
