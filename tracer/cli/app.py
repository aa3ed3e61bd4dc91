"""The command and its subcommands, in the order in which `unet-trace --help` lists them."""

from __future__ import annotations

import click

from tracer.cli import options
from tracer.cli.commands.check import check, lock
from tracer.cli.commands.checkpoint import checkpoint
from tracer.cli.commands.cost import cost
from tracer.cli.commands.diagram import diagram
from tracer.cli.commands.diff import diff
from tracer.cli.commands.presets import presets
from tracer.cli.commands.show import show, stack
from tracer.cli.commands.site import site
from tracer.cli.commands.sizes import explain, sizes
from tracer.cli.commands.trace import schema, trace
from tracer.cli.commands.verify import verify

COMMANDS = (
    show,
    stack,
    cost,
    diagram,
    sizes,
    explain,
    trace,
    lock,
    check,
    diff,
    checkpoint,
    verify,
    presets,
    site,
    schema,
)


class InOrder(click.Group):
    """A group that lists its commands as they were added, the ones to begin with first."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands."""
        return list(self.commands)


def _version(context: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        from importlib.metadata import PackageNotFoundError, version

        try:
            click.echo(f"unet-trace {version('unet-trace')}")
        except PackageNotFoundError:
            click.echo("unet-trace, from a folder that is not installed")
        context.exit()


@click.group(
    cls=InOrder,
    commands={str(command.name): command for command in COMMANDS},
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_version,
    help="Show the version and exit.",
)
@options.debug
def unet_trace() -> None:
    """What shape is this tensor, on this line? What is on the skip stack now?

    TARGET is what is traced:

    \b
      ddpm-cifar10             a preset; `unet-trace presets` lists them
      package.module:name      a model, its class, or a callable that returns
      path/file.py:name          a model or (model, inputs)
      trace.json               a saved trace, which needs no torch

    The model is run once, on tensors without data: nothing is downloaded, and
    the largest models take seconds. Results go to standard output, all else to
    standard error. The exit status is 0 when all is well, 1 when a check failed
    and 2 when the request could not be carried out.
    """
