"""The command that compares a model with a checkpoint."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path

import click

from tracer.cli import options
from tracer.cli.output import Destination, write_table
from tracer.cli.progress import progress
from tracer.cli.targets import TargetSpec
from tracer.errors import TraceError, closest_file


@click.command()
@options.target
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@options.settings
@click.option("--prefix", default="", metavar="TEXT", help="What stands before each key of FILE.")
@click.option("--within", metavar="NAME", help="The dict to look in, where FILE holds several.")
@options.table_format
@options.output
@options.debug
def checkpoint(
    target: str,
    file: Path,
    settings: dict[str, str],
    prefix: str,
    within: str | None,
    form: str | None,
    output: Path | None,
) -> int:
    """Compare the keys of a checkpoint with those of a model.

    Which keys are missing, unexpected or of another shape, block by block? FILE
    is .safetensors, its .index.json, or what torch.save wrote; only shapes are
    read, and no code in it is run. The exit status is 1 where a key does not fit.

    \b
      unet-trace checkpoint my_unet.py:UNet unet.safetensors
      unet-trace checkpoint ddpm-cifar10 last.ckpt --prefix model.
    """
    from tracer.render.tables.state_dicts import state_table
    from tracer.snapshot.diff.state_dict_comparison import compare_state_dicts

    wish = TargetSpec(target, settings)
    if wish.saved:
        raise TraceError(f"{target} is a saved trace: name the model itself, whose keys it loads.")
    _require(file)
    with progress(f"Reading {file}"), redirect_stdout(sys.stderr):
        from tracer.from_torch.checkpoints.state_dicts import read_checkpoint, state_of
        from tracer.from_torch.targets.load import Request, build_target

        states = read_checkpoint(file, within)
        model = state_of(build_target(Request(target, settings)).model)
    verdict = compare_state_dicts(model, states, prefix)
    table = state_table(verdict, f"{file.name} for {wish.words}")
    write_table(table, verdict.problems, Destination(form, output))
    return 1 if verdict.problems else 0


def _require(file: Path) -> None:
    if not file.is_file():
        found = closest_file(file)
        hint = f' Did you mean "{found}"?' if found else ""
        raise TraceError(f'There is no file "{file}".{hint}')
