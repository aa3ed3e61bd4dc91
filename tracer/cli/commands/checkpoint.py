"""The command that compares a model with a checkpoint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from tracer.cli.options import FILE, Option
from tracer.cli.output import Destination, write_table
from tracer.cli.sessions import running_model
from tracer.errors import TraceError, closest_file, require_no_device
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
    from tracer.snapshot.diff.state_dict_comparison import compare_state_dicts

    if target.is_saved_trace:
        require_no_lock_file(Path(target.target))
        raise TraceError(f"{target} is a saved trace: name the model itself, whose keys it loads.")
    _require(file)
    with running_model(target.target, f"Reading {file}"):
        from tracer.from_torch.checkpoints.checkpoint_reader import read_checkpoint, state_of
        from tracer.from_torch.checkpoints.trial_load import try_load
        from tracer.from_torch.targets.load import build_target

        checkpoint = read_checkpoint(file, within)
        model = build_target(target).model
        loaded = try_load(model, checkpoint, prefix)
        by_name = compare_state_dicts(state_of(model), checkpoint.tensors, prefix)
    verdict = compare_state_dicts(loaded.model, loaded.file)
    hint = by_name.hint if verdict.problems else None
    verdict = replace(verdict, hint=hint, renamed=loaded.renamed, errors=loaded.errors)
    table = state_table(verdict, f"{file.name} for {target}", every=every)
    about_file = _about(file, checkpoint.within, checkpoint.others)
    write_table(
        replace(table, summary=(*table.summary, *about_file)), verdict.problems, destination
    )
    return 0 if verdict.fits else 1


def _about(file: Path, within: str, others: Sequence[str]) -> Iterator[str]:
    """Which dict of a file was compared, where the file holds more."""
    if within:
        rest = f"; {file.name} also holds {', '.join(others)}" if others else ""
        yield f'The tensors are those of "{within}"{rest}.'


def _require(file: Path) -> None:
    require_no_device(file)
    if not file.is_file():
        found = closest_file(file)
        hint = f' Did you mean "{found}"?' if found else ""
        raise TraceError(f'There is no file "{file}".{hint}')
