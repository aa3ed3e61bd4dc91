"""The commands that write down the shapes of a model, and compare a model with what is written."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracer.cli import options
from tracer.cli.locked_rules import learnt_law
from tracer.cli.output import Destination, write_table, write_text
from tracer.cli.snapshots import alike, locked, require_alike, traced
from tracer.cli.stderr import tell
from tracer.cli.symbolic_options import SymbolicRequest, formulas
from tracer.cli.targets import TargetSpec
from tracer.errors import TraceError

if TYPE_CHECKING:
    from tracer.snapshot import Snapshot
    from tracer.snapshot.diff import Comparison


@click.command()
@options.target
@options.inputs
@options.settings
@formulas
@options.output
@options.debug
def lock(
    target: str,
    inputs: dict[str, str],
    settings: dict[str, str],
    formulas: SymbolicRequest | None,
    output: Path | None,
) -> int:
    """Write down the shapes of a model, for `check` to compare.

    The lock file has one line for each block and each skip. Keep it beside the
    model: when a shape changes, a few lines of it do, and a review shows them.
    With --symbolic it holds for every size of the image.

    \b
      unet-trace lock my_unet.py:UNet -o unet.shapes.yaml
      unet-trace check my_unet.py:UNet unet.shapes.yaml
    """
    return _lock(TargetSpec(target, settings, inputs, formulas), output)


def _lock(wish: TargetSpec, output: Path | None) -> int:
    drawn = traced(wish, learnt_law)
    if drawn is None:
        return 2
    _write(drawn, output)
    return 0


@click.command()
@options.target
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@options.inputs
@options.settings
@formulas
@click.option("--update", is_flag=True, help="Write the lock file anew where anything differs.")
@click.option("--strict", is_flag=True, help="Names of classes and FLOPs have to be the same, too.")
@options.every
@options.table_format
@options.output
@options.debug
def check(
    target: str,
    file: Path,
    inputs: dict[str, str],
    settings: dict[str, str],
    formulas: SymbolicRequest | None,
    update: bool,
    strict: bool,
    every: bool,
    form: str | None,
    output: Path | None,
) -> int:
    """Compare the shapes of a model with a lock file.

    Blocks, shapes, parameters, skips and joins have to be those of FILE, which
    `unet-trace lock` wrote; otherwise the exit status is 1. Shown is what the
    differences begin with; what only follows from that is listed with --all.

    \b
      unet-trace check my_unet.py:UNet unet.shapes.yaml
      unet-trace check my_unet.py:UNet unet.shapes.yaml --update
    """
    from tracer.render.tables.differences import ColumnTitles, difference_records, difference_table
    from tracer.snapshot.diff import compare

    wish = TargetSpec(target, settings, inputs, formulas)
    if update and not _can_be_read(file):
        return _lock(wish, file)
    before = locked(file)
    learns = before.size_rules or (update and not wish.saved)
    learn = partial(learnt_law, known=before.size_rules) if learns else None
    after = traced(alike(wish, before), learn)
    if after is None:
        return 2
    require_alike(before, after, (str(file), wish.words))
    found = compare(before, after)
    names = ColumnTitles("locked", "now", f"{wish.words} against {file.name}")
    table = difference_table(found, names, every=every)
    write_table(table, difference_records(found), Destination(form, output))
    return _status(found, file, update=update, strict=strict)


def _can_be_read(file: Path) -> bool:
    """Whether there is a lock file, whole and of this version.

    Raises TraceError for a file that is something else, which is not to be written over.
    """
    from tracer.snapshot import LockFileError, is_damaged

    try:
        return file.exists() and not is_damaged(file)
    except LockFileError as error:
        raise TraceError(str(error)) from error


def _status(found: Comparison, file: Path, *, update: bool, strict: bool) -> int:
    """The exit status; with `update` the lock file is written, where anything differs."""
    fine = found.same if strict else found.same_shapes
    if update:
        if not found.same or found.before.size_rules != found.after.size_rules:
            _write(found.after, file)
        return 0
    if not fine:
        tell(f"\nIf all of this is meant, write {file} anew: the same command with --update.")
    return 0 if fine else 1


def _write(drawn: Snapshot, path: Path | None) -> None:
    from tracer.snapshot import to_lock

    write_text(to_lock(drawn), path)
    if path is not None:
        tell(f"Wrote {path}: {len(drawn.blocks):,} blocks, {len(drawn.skips):,} skips.")
