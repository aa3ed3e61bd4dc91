"""The command that compares a model with a checkpoint."""

from __future__ import annotations

from pathlib import Path

from tracer.cli.options import FILE, Option
from tracer.cli.output import Destination, write_table
from tracer.cli.sessions import output_to_stderr
from tracer.errors import TraceError, closest_file
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


def run(
    target: TargetSpec, file: Path, prefix: str, within: str | None, destination: Destination
) -> int:
    """Compare the keys of a checkpoint with those of a model.

    Lists the keys that are missing or unexpected, or that have a different shape,
    block by block. FILE is a .safetensors file, an .index.json, or a file that torch.save
    wrote; only shapes are read, and no code in it is run. The exit status is 1 if
    a key does not fit.

    \b
      unet-trace checkpoint my_unet.py:UNet unet.safetensors
      unet-trace checkpoint ddpm-cifar10 last.ckpt --prefix model.
    """
    from tracer.render.tables.checkpoint_keys import state_table
    from tracer.snapshot.diff.state_dict_comparison import compare_state_dicts

    if target.is_saved_trace:
        raise TraceError(f"{target} is a saved trace: name the model itself, whose keys it loads.")
    _require(file)
    with output_to_stderr(f"Reading {file}"):
        from tracer.from_torch.checkpoints.checkpoint_reader import read_checkpoint, state_of
        from tracer.from_torch.targets.load import build_target

        states = read_checkpoint(file, within)
        model = state_of(build_target(target).model)
    verdict = compare_state_dicts(model, states, prefix)
    table = state_table(verdict, f"{file.name} for {target}")
    write_table(table, verdict.problems, destination)
    return 1 if verdict.problems else 0


def _require(file: Path) -> None:
    if not file.is_file():
        found = closest_file(file)
        hint = f' Did you mean "{found}"?' if found else ""
        raise TraceError(f'There is no file "{file}".{hint}')
