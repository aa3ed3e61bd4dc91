"""The command and its subcommands, in the order in which `unet-trace --help` lists them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from tracer.cli import options
from tracer.cli.commands import (
    annotate,
    check,
    checkpoint,
    cost,
    diagram,
    diff,
    explain,
    lock,
    presets,
    schema,
    show,
    site,
    sizes,
    stack,
    trace,
    verify,
)
from tracer.cli.options import (
    DIMS,
    FORMULAS,
    INPUT,
    MODE,
    OUTPUT,
    RESULT,
    ROWS,
    SET,
    TARGET,
    TIME_LIMIT,
    Option,
)
from tracer.cli.run_state import RunState
from tracer.cli.standard_streams import writing_results


@dataclass(frozen=True, slots=True)
class Subcommand:
    """One subcommand: its name, the function that runs it, and the options that it takes."""

    name: str
    run: Callable[..., int]
    options: tuple[Option, ...]


MODEL = (TARGET, INPUT, SET, MODE, TIME_LIMIT)

COMMANDS = (
    Subcommand("show", show.run, (*MODEL, *FORMULAS, *ROWS, show.OPS, *RESULT)),
    Subcommand("stack", stack.run, (*MODEL, *FORMULAS, *RESULT)),
    Subcommand("cost", cost.run, (*MODEL, *FORMULAS, *ROWS, cost.BY, *RESULT)),
    Subcommand(
        "diagram",
        diagram.run,
        (*MODEL, *FORMULAS, *ROWS, diagram.BLOCK, diagram.DRAWING_FORMAT, OUTPUT),
    ),
    Subcommand("sizes", sizes.run, (*MODEL, DIMS, *RESULT)),
    Subcommand("explain", explain.run, (*MODEL, DIMS, *RESULT)),
    Subcommand("trace", trace.run, (*MODEL, *FORMULAS, OUTPUT)),
    Subcommand("lock", lock.run, (*MODEL, *FORMULAS, OUTPUT)),
    Subcommand(
        "check",
        check.run,
        (
            *(TARGET, check.LOCK_FILE, INPUT, SET, MODE, TIME_LIMIT, *FORMULAS),
            *(check.UPDATE, check.STRICT, options.ALL_DIFFERENCES, *RESULT),
        ),
    ),
    Subcommand(
        "diff",
        diff.run,
        (*diff.TWO_TARGETS, TIME_LIMIT, options.ALL_DIFFERENCES, diff.DIAGRAM, *RESULT),
    ),
    Subcommand(
        "checkpoint",
        checkpoint.run,
        (
            TARGET,
            checkpoint.STATE_FILE,
            SET,
            TIME_LIMIT,
            checkpoint.PREFIX,
            checkpoint.WITHIN,
            checkpoint.EVERY_KEY,
            *RESULT,
        ),
    ),
    Subcommand(
        "annotate",
        annotate.run,
        (
            *(*MODEL, *FORMULAS, annotate.ONE_CALL, annotate.RUN, annotate.WRITE),
            *(annotate.CHECK, annotate.INSTALLED, OUTPUT),
        ),
    ),
    Subcommand("verify", verify.run, (*MODEL, *RESULT)),
    Subcommand("presets", presets.run, RESULT),
    Subcommand("site", site.run, (site.FOLDER,)),
    Subcommand("schema", schema.run, (OUTPUT,)),
)
"""Which options each command takes; the command line is built from it."""


class ShowsHelp(click.Command):
    """A command whose help can be written, or one message says why it cannot."""

    def make_context(self, *arguments: Any, **settings: Any) -> click.Context:
        """Parse the words, which writes what --help and --version ask for."""
        with writing_results():
            return super().make_context(*arguments, **settings)


class InOrder(ShowsHelp, click.Group):
    """A group that lists its commands as they were added, the ones to begin with first."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(self.commands)


def _debug(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(RunState).debug = True


def _debug_option() -> click.Option:
    return click.Option(
        ["--debug"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_debug,
        help="Show the traceback of an error.",
    )


def _version(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        from importlib.metadata import PackageNotFoundError, version

        try:
            click.echo(f"unet-trace {version('unet-trace')}")
        except PackageNotFoundError:
            click.echo("unet-trace, from a folder that is not installed")
        context.exit()


def _command(subcommand: Subcommand) -> click.Command:
    def callback(**values: Any) -> int:
        return subcommand.run(**options.request_from(subcommand.options, values))

    return ShowsHelp(
        subcommand.name,
        callback=callback,
        help=inspect.getdoc(subcommand.run),
        params=[*(option.parameter() for option in subcommand.options), _debug_option()],
    )


unet_trace = InOrder(
    "unet-trace",
    commands={command.name: _command(command) for command in COMMANDS},
    context_settings={"help_option_names": ["-h", "--help"]},
    params=[
        click.Option(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_version,
            help="Show the version and exit.",
        ),
        _debug_option(),
    ],
    help="""What shape is this tensor, on this line? What is on the skip stack now?

TARGET is one of these:

\b
  ddpm-cifar10             a preset; `unet-trace presets` lists them
  package.module:name      a model, its class, or a callable that returns
  path/file.py:name          a model or (model, inputs)
  trace.json               a saved trace, which does not need torch

The model runs once, on tensors without data: nothing is downloaded, and even
the largest models take only seconds. Results go to standard output, everything
else to standard error. The exit status is 0 on success, 1 if a check failed,
and 2 if the request could not be carried out.
""",
)
