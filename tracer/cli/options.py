"""Every option that a command may take: one table, from which the command line is built.

An option belongs to a `part` of the request, such as the target or the destination: the options of
one part reach a command together, as one value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click

from tracer.cli.output import Destination, RowOptions, table_destination
from tracer.cli.run_state import RunState
from tracer.render.formats.registry import FORMATS
from tracer.target_spec import Mode, TargetSpec, axes_of, size_of

INPUT_FORM, SETTING_FORM, DIMS_FORM = "NAME=SHAPE[:DTYPE]", "NAME=VALUE", "NAME=AXIS,..."

MAX_BATCH = 10**9
MOST_SECONDS = 366 * 86400.0
"""A year, which is within what the timers of every system can be set to."""


def _target(**fields: Any) -> TargetSpec:
    """The target of a command, whose options are checked before torch is imported."""
    from tracer.option_text.request_checks import check_request

    return check_request(TargetSpec(**fields))


def _destination(**fields: Any) -> Destination:
    """Where a result goes; of a table, the suffix of the file has to name a format."""
    return table_destination(**fields) if "form" in fields else Destination(**fields)


PARTS: dict[str, Callable[..., Any]] = {
    "target": _target,
    "a": _target,
    "b": _target,
    "both": _target,
    "rows": RowOptions,
    "destination": _destination,
    "drawing": Destination,
}
"""What the options of a part are made into; the name of the part is that of the argument."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option or argument of commands.

    Attributes:
        name: The argument of the command's function or, with `part`, of what the part is made into.
        flags: How it is written; an argument has none.
        part: The part of the request that it belongs to; empty for one by itself.
        settings: What click is told about it.
    """

    name: str
    flags: tuple[str, ...] = ()
    part: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The name that no other option of a command has."""
        return f"{self.part}_{self.name}" if self.part else self.name

    @property
    def words(self) -> tuple[str, ...]:
        """The words that it is written with: `--fold`, `--no-fold`, `--all`."""
        return tuple(word for flag in self.flags for word in re.split("[ /]+", flag) if word)

    @property
    def is_argument(self) -> bool:
        """Whether the function of a command gets it; otherwise its callback has used it."""
        return bool(self.settings.get("expose_value", True))

    def parameter(self) -> click.Parameter:
        """Return the parameter of a click command."""
        if self.flags:
            return click.Option([*self.flags, self.key], **self.settings)
        return click.Argument([self.key], **{"metavar": self.name.upper(), **self.settings})


def request_from(options: Sequence[Option], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a command's function, from the values of its options by key."""
    request: dict[str, Any] = {}
    parts: dict[str, dict[str, Any]] = {}
    for option in options:
        if not option.is_argument:
            continue
        fields = parts.setdefault(option.part, {}) if option.part else request
        fields[option.name] = values[option.key]
    return request | {part: PARTS[part](**fields) for part, fields in parts.items()}


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


def _axes(
    context: click.Context, parameter: click.Parameter, texts: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    pairs = _pairs(context, parameter, texts)
    return {name: axes_of(text) for name, text in pairs.items()}


def _mode(context: click.Context, parameter: click.Parameter, train: bool | None) -> Mode | None:
    if train is None:
        return None
    return "training" if train else "evaluation"


def _size(context: click.Context, parameter: click.Parameter, text: str) -> tuple[int, ...]:
    return size_of(text) if text else ()


def _batch(context: click.Context, parameter: click.Parameter, number: int | None) -> int:
    return number or 0


def in_a_folder(
    context: click.Context, parameter: click.Parameter, path: Path | None
) -> Path | None:
    """Return the absolute path, if a file can be there; a model may change the working folder."""
    if path is not None and not path.parent.is_dir():
        raise click.BadParameter(f'there is no folder "{path.parent}".')
    return path if path is None else path.absolute()


def _time_limit(
    context: click.Context, parameter: click.Parameter, seconds: float | None
) -> float | None:
    if seconds is not None:
        if math.isnan(seconds):
            raise click.BadParameter(f"{seconds} is not a number of seconds.")
        state = context.ensure_object(RunState)
        state.time_limit = state.seconds_left = min(seconds, MOST_SECONDS)
    return seconds


def _repeated(form: str, help: str, callback: Any = _pairs) -> dict[str, Any]:
    return {"multiple": True, "metavar": form, "callback": callback, "help": help}


FILE = click.Path(dir_okay=False, path_type=Path)

TARGET = Option("target", part="target")
INPUT = Option(
    "inputs",
    ("--input",),
    "target",
    _repeated(
        INPUT_FORM,
        "An input: x=1x3x256x256, t=1:int64, t=:int64 (no dimensions), guidance=7.5, a.b=1x77. "
        "Inputs that you leave out are proposed, and listed on standard error.",
    ),
)
SET = Option(
    "settings",
    ("--set",),
    "target",
    _repeated(SETTING_FORM, "An argument of the constructor: ch_mult=1,2,2."),
)
IMAGE_SIZE = Option(
    "size",
    ("--size",),
    "target",
    {
        "metavar": "SIZE",
        "default": "",
        "callback": _size,
        "help": "The size of the images that are proposed: 512, or 256x512 for H and W.",
    },
)
BATCH_SIZE = Option(
    "batch",
    ("--batch",),
    "target",
    {
        "type": click.IntRange(min=1, max=MAX_BATCH),
        "metavar": "N",
        "default": None,
        "callback": _batch,
        "help": "The batch size of the inputs that are proposed.",
    },
)
SYMBOLIC = Option(
    "symbolic",
    ("--symbolic",),
    "target",
    {"is_flag": True, "help": "Show sizes as formulas: B × 64 × H/2 × W/2."},
)
DIMS = Option(
    "dims",
    ("--dims",),
    "target",
    _repeated(
        DIMS_FORM,
        "Names for the axes of an input, instead of the usual B, H, W: x=B,T,4,H,W. "
        "An axis may be a formula, such as B*T.",
        _axes,
    ),
)
VARY = Option(
    "vary",
    ("--vary",),
    "target",
    {
        "multiple": True,
        "metavar": "NAME",
        "help": "Show channels as formulas of a constructor argument, too: --vary ch gives 4·ch.",
    },
)
MODE = Option(
    "mode",
    ("--train/--eval",),
    "target",
    {
        "default": None,
        "callback": _mode,
        "help": "The mode to run the model in; default --eval, and for a model that is not built "
        "from a class or a function its own mode.",
    },
)

TIME_LIMIT = Option(
    "time_limit",
    ("--time-limit",),
    settings={
        "type": click.FloatRange(min=0, min_open=True),
        "metavar": "SECONDS",
        "callback": _time_limit,
        "expose_value": False,
        "help": "End with an error if loading and running the model takes longer.",
    },
)

DEPTH = Option(
    "depth",
    ("--depth",),
    "rows",
    {
        "type": click.IntRange(min=0),
        "metavar": "N",
        "help": "Show only N levels below the model.",
    },
)
PATH = Option(
    "paths",
    ("--path",),
    "rows",
    {
        "multiple": True,
        "metavar": "PATTERN",
        "help": "Show only these blocks and the blocks inside them: 'down.*', '**.attn', "
        "mid.block_1.",
    },
)
FOLD = Option(
    "fold",
    ("--fold/--no-fold", " /--all"),
    "rows",
    {
        "default": None,
        "help": "Show equal blocks that follow each other as one; the default in "
        f"{', '.join(one.name for one in FORMATS.values() if one.folds)} and diagrams, never in "
        f"{' and '.join(one.name for one in FORMATS.values() if one.for_programs)}.",
    },
)

FORMAT = Option(
    "form",
    ("--format",),
    "destination",
    {
        "type": click.Choice(tuple(FORMATS)),
        "metavar": "FORMAT",
        "help": f"{', '.join(FORMATS)}; default: inferred from the suffix of FILE, else "
        "rich in a terminal and plain elsewhere.",
    },
)
OUTPUT = Option(
    "path",
    ("-o", "--output"),
    "destination",
    {
        "type": FILE,
        "metavar": "FILE",
        "callback": in_a_folder,
        "help": "Write to a file, completely or not at all.",
    },
)

ALL_DIFFERENCES = Option(
    "every",
    ("--all",),
    settings={"is_flag": True, "help": "List differences that follow from others, too."},
)


def for_both(option: Option) -> Option:
    """Return an option of a target for both of two targets, A and B."""
    return replace(option, part="both")


def for_side(option: Option, which: str) -> Option:
    """Return an option of a target for one of two targets, A or B."""
    part = which.lower()
    if not option.flags:
        return Option(option.name, part=part, settings={"metavar": which})
    help = f"{option.settings['help'].partition(':')[0].partition(',')[0]}, for {which}."
    flags = (f"{option.flags[0]}-{part}",)
    return Option(option.name, flags, part, {**option.settings, "help": help})
