"""The command that compares a model with a lock file."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from tracer.cli.commands.lock import run as run_lock
from tracer.cli.commands.lock import write_lock
from tracer.cli.options import FILE, Option
from tracer.cli.output import Destination, write_table
from tracer.cli.snapshots import (
    as_locked,
    require_same_kind,
    snapshot_in_lock,
    snapshot_of_target,
)
from tracer.cli.stderr import report
from tracer.errors import TraceError
from tracer.target_spec import TargetSpec

if TYPE_CHECKING:
    from tracer.snapshot.diff import Comparison

LOCK_FILE = Option("file", settings={"type": FILE})
UPDATE = Option(
    "update",
    ("--update",),
    settings={"is_flag": True, "help": "Rewrite the lock file if anything differs."},
)
STRICT = Option(
    "strict",
    ("--strict",),
    settings={"is_flag": True, "help": "Fail if class names or FLOPs differ, too."},
)


def run(
    target: TargetSpec,
    file: Path,
    update: bool,
    strict: bool,
    every: bool,
    destination: Destination,
) -> int:
    """Compare the shapes of a model with a lock file.

    Blocks, shapes, parameters, skips and joins must be those in FILE, which
    `unet-trace lock` wrote; otherwise the exit status is 1. By default only the
    differences that cause others are shown; --all lists the others, too.

    \b
      unet-trace check my_unet.py:UNet unet.shapes.yaml
      unet-trace check my_unet.py:UNet unet.shapes.yaml --update
    """
    from tracer.render.tables.differences import ColumnTitles, difference_records, difference_table
    from tracer.snapshot.diff import compare

    if update and not _is_readable(file):
        return run_lock(target, Destination(path=file))
    before = snapshot_in_lock(file)
    target = as_locked(target, before)
    rules = before.size_rules is not None or (update and not target.is_saved_trace)
    after = snapshot_of_target(target, before.size_rules, rules=rules)
    if after is None:
        return 2
    require_same_kind(before, after, (str(file), str(target)))
    found = compare(before, after)
    rewrite = f"unet-trace check {target} {shlex.quote(str(file))} --update"
    titles = ColumnTitles("locked", "now", f"{target} against {file.name}", rewrite)
    table = difference_table(found, titles, every=every)
    write_table(table, difference_records(found), destination)
    told = found.may_be_of_version and not every
    return _status(found, file, update=update, strict=strict, told=told)


def _is_readable(file: Path) -> bool:
    """Whether there is a lock file, whole and of this version.

    Raises TraceError for a file that is something else, which must not be overwritten.
    """
    from tracer.snapshot import LockFileError, is_damaged

    try:
        return file.exists() and not is_damaged(file)
    except LockFileError as error:
        raise TraceError(str(error)) from error


def _status(found: Comparison, file: Path, *, update: bool, strict: bool, told: bool) -> int:
    """The exit status; with `update` the lock file is rewritten if anything in it differs."""
    fine = found.same if strict else found.same_shapes
    if update:
        if not found.same_lock:
            write_lock(found.after, file)
        return 0
    if told and not fine:
        report("\nTo see the differences: the same command with --all.")
    elif not fine:
        report(f"\nTo accept these differences, rewrite {file}: the same command with --update.")
    return 0 if fine else 1
