"""The command that writes a lock file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tracer.cli.output import Destination, write_text
from tracer.cli.snapshots import snapshot_of_target
from tracer.target_spec import TargetSpec

if TYPE_CHECKING:
    from tracer.snapshot import Snapshot


def run(target: TargetSpec, destination: Destination) -> int:
    """Write the shapes of a model to a lock file, for `check`.

    The lock file has one line per block and per skip. Keep it beside the model:
    if a shape changes, a few of its lines change, and a review shows them. With
    --symbolic it is valid for every image size.

    \b
      unet-trace lock my_unet.py:UNet -o unet.shapes.yaml
      unet-trace check my_unet.py:UNet unet.shapes.yaml
    """
    snapshot = snapshot_of_target(target, rules=True)
    if snapshot is None:
        return 2
    write_lock(snapshot, destination.path)
    return 0


def write_lock(snapshot: Snapshot, path: Path | None) -> None:
    """Write a lock file, and say so; without a path its text goes to standard output."""
    from tracer.snapshot import to_lock

    counts = f"{len(snapshot.blocks):,} blocks, {len(snapshot.skips):,} skips"
    write_text(to_lock(snapshot), path, counts)
