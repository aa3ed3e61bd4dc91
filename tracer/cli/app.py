"""The command and its subcommands, in the order in which `unet-trace --help` lists them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
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
    report,
    schema,
    show,
    site,
    sizes,
    stack,
    trace,
    verify,
)
from tracer.cli.option_table import options_of, refusal
from tracer.cli.options import TARGET, Option
from tracer.cli.run_state import RunState
from tracer.cli.standard_streams import writing_results

LEAST_SIMILARITY = 0.7
"""How similar an option must be to be suggested; short names are alike by chance."""


@dataclass(frozen=True, slots=True)
class Subcommand:
    """One subcommand: its name, the function that runs it, and its arguments."""

    name: str
    run: Callable[..., int]
    arguments: tuple[Option, ...] = ()

    @property
    def options(self) -> tuple[Option, ...]:
        """Its arguments, and the options that it takes."""
        return *self.arguments, *options_of(self.name)


COMMANDS = (
    Subcommand("show", show.run, (TARGET,)),
    Subcommand("stack", stack.run, (TARGET,)),
    Subcommand("cost", cost.run, (TARGET,)),
    Subcommand("diagram", diagram.run, (TARGET,)),
    Subcommand("sizes", sizes.run, (TARGET,)),
    Subcommand("explain", explain.run, (TARGET,)),
    Subcommand("report", report.run, (TARGET,)),
    Subcommand("trace", trace.run, (TARGET,)),
    Subcommand("lock", lock.run, (TARGET,)),
    Subcommand("check", check.run, (TARGET, check.LOCK_FILE)),
    Subcommand("diff", diff.run, diff.TWO_TARGETS),
    Subcommand("checkpoint", checkpoint.run, (TARGET, checkpoint.STATE_FILE)),
    Subcommand("annotate", annotate.run, (TARGET,)),
    Subcommand("verify", verify.run, (TARGET,)),
    Subcommand("presets", presets.run),
    Subcommand("site", site.run, (site.SITE_TARGETS,)),
    Subcommand("schema", schema.run),
)
"""The command line is built from these, and from `OPTION_TABLE`."""


def _refused(error: click.NoSuchOption) -> click.UsageError:
    """The error for an option that a command does not take: why, or what it may have meant."""
    flag, context = error.option_name, error.ctx
    command = context.command if context else None
    reason = refusal(flag, command.name or "") if command else None
    if reason is None:
        known = [word for one in command.params for word in one.opts] if command else []
        names = {word.lstrip("-"): word for word in known if word.startswith("--")}
        found = get_close_matches(flag.lstrip("-"), names, n=1, cutoff=LEAST_SIMILARITY)
        hint = f" Did you mean '{names[found[0]]}'?" if found else ""
        reason = f"No such option '{flag}'.{hint}"
    return click.UsageError(reason, context)


class ShowsHelp(click.Command):
    """A command whose help can be written, or one message says why it cannot."""

    def make_context(self, *arguments: Any, **settings: Any) -> click.Context:
        """Parse the words, which writes what --help and --version ask for."""
        with writing_results():
            try:
                return super().make_context(*arguments, **settings)
            except click.NoSuchOption as error:
                raise _refused(error) from None


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
