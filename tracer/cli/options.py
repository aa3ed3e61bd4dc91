"""The options that several commands have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from tracer.render.formats.registry import FORMATS

INPUT_FORM, SETTING_FORM = "NAME=SHAPE[:DTYPE]", "NAME=VALUE"
Decorator = Callable[[Callable[..., int]], Callable[..., int]]


@dataclass
class RunState:
    """What holds for a whole run of the command."""

    debug: bool = False


def _debug(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(RunState).debug = True


def _pairs(
    context: click.Context, parameter: click.Parameter, texts: Sequence[str]
) -> dict[str, str]:
    """``("x=1x3", "t=1")`` as a dict; a text without a name or a name given twice is an error."""
    pairs: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals):
            raise click.BadParameter(f'"{text}" is not of the form {parameter.metavar}.')
        if name in pairs:
            raise click.BadParameter(f"{name} is given twice.")
        pairs[name] = value
    return pairs


def _in_a_folder(
    context: click.Context, parameter: click.Parameter, path: Path | None
) -> Path | None:
    """The path, if a file can be there; asked before a model is run."""
    if path is not None and not path.parent.is_dir():
        raise click.BadParameter(f'there is no folder "{path.parent}".')
    return path


debug = click.option(
    "--debug",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_debug,
    help="Show the traceback of an error.",
)

target = click.argument("target")

inputs = click.option(
    "--input",
    "inputs",
    multiple=True,
    metavar=INPUT_FORM,
    callback=_pairs,
    help="An input: x=1x3x256x256, t=1:int64, t=:int64 (no dimensions), guidance=7.5, a.b=1x77. "
    "What is missing is proposed, and said on standard error.",
)

settings = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar=SETTING_FORM,
    callback=_pairs,
    help="An argument of the constructor: ch_mult=1,2,2.",
)

table_format = click.option(
    "--format",
    "form",
    type=click.Choice(tuple(FORMATS)),
    metavar="FORMAT",
    help=f"{', '.join(FORMATS)}; rich in a terminal, plain elsewhere, unless the suffix of "
    "FILE says another.",
)

output = click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    callback=_in_a_folder,
    help="Write to a file, whole or not at all.",
)

depth = click.option(
    "--depth",
    type=click.IntRange(min=0),
    show_default=False,
    metavar="N",
    help="Show only N levels below the model.",
)

paths = click.option(
    "--path",
    "paths",
    multiple=True,
    metavar="PATTERN",
    help="Show only these blocks, and what is in them: 'down.*', '**.attn', mid.block_1.",
)

FOLDING = ", ".join(one.name for one in FORMATS.values() if one.folds)
UNFOLDED = " and ".join(one.name for one in FORMATS.values() if one.for_programs)

fold = click.option(
    "--fold/--no-fold",
    " /--all",
    default=None,
    help="Show blocks that follow one another and are alike once; default in "
    f"{FOLDING} and pictures, never in {UNFOLDED}.",
)

every = click.option(
    "--all", "every", is_flag=True, help="List what follows from other differences, too."
)


def inputs_of(which: str) -> Decorator:
    """The inputs of one of two targets."""
    words = f"--input-{which.lower()}", f"input_{which.lower()}"
    help = f"An input of {which}."
    return click.option(*words, multiple=True, metavar=INPUT_FORM, callback=_pairs, help=help)


def settings_of(which: str) -> Decorator:
    """The constructor arguments of one of two targets."""
    words = f"--set-{which.lower()}", f"set_{which.lower()}"
    help = f"An argument of the constructor of {which}."
    return click.option(*words, multiple=True, metavar=SETTING_FORM, callback=_pairs, help=help)
