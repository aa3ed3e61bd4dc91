"""The command that compares a model with a checkpoint."""

from __future__ import annotations

from pathlib import Path

from tracer.cli.options import FILE, Option
from tracer.cli.output import Destination, write_table
from tracer.cli.sessions import running_model
from tracer.errors import TraceError, require_file
from tracer.store import require_no_lock_file
from tracer.target_spec import TargetSpec

STATE_FILE = Option("file", settings={"type": FILE})
PREFIX = Option(
    "prefix",
    ("--prefix",),
    settings={
        "default": "",
        "metavar": "TEXT",
        "help": "Strip this prefix from the keys in FILE.",
    },
)
WITHIN = Option(
    "within",
    ("--within",),
    settings={"metavar": "NAME", "help": "The dict to read, if FILE holds several."},
)


EVERY_KEY = Option(
    "every",
    ("--all",),
    settings={"is_flag": True, "help": "List every key that does not fit in a row of its own."},
)


def run(
    target: TargetSpec,
    file: Path,
    prefix: str,
    within: str | None,
    every: bool,
    destination: Destination,
) -> int:
    """Compare the keys of a checkpoint with those of a model.

    Lists the keys that are missing or unexpected, or that have a different shape,
    block by block. A key fits if load_state_dict accepts it, also if the model
    renames it while loading. FILE is a .safetensors file, an .index.json, or a
    file that torch.save wrote; only shapes are read, and no code in it is run.
    The exit status is 1 if a key does not fit.

    \b
      unet-trace checkpoint my_unet.py:UNet unet.safetensors
      unet-trace checkpoint ddpm-cifar10 last.ckpt --prefix model.
    """
    from tracer.render.tables.checkpoint_keys import state_table

    if target.is_saved_trace:
        require_no_lock_file(Path(target.target))
        raise TraceError(f"{target} is a saved trace: name the model itself, whose keys it loads.")
    require_file(file)
    with running_model(target.target, f"Reading {file}"):
        from tracer.from_torch.checkpoints.key_comparison import compare_checkpoint
        from tracer.from_torch.targets.load import build_target

        verdict = compare_checkpoint(build_target(target).model, file, prefix, within)
    table = state_table(verdict, f"{file.name} for {target}", every=every)
    write_table(table, verdict.problems, destination)
    return 0 if verdict.fits else 1
