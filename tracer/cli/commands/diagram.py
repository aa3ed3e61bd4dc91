"""The command that draws a trace."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from tracer.cli import options
from tracer.cli.output import write_bytes
from tracer.cli.progress import progress
from tracer.cli.stderr import tell
from tracer.cli.symbolic_options import SymbolicRequest, formulas
from tracer.cli.targets import TargetSpec, subject
from tracer.errors import TraceError, suggestion
from tracer.render.diagram.graphviz_program import DIAGRAM_FORMATS

if TYPE_CHECKING:
    from tracer.record import Trace
    from tracer.render.diagram.graphviz_program import DiagramFormat
    from tracer.render.tables.visible_rows import RowSelection

DIAGRAM_SUFFIXES = {f".{form}": form for form in DIAGRAM_FORMATS} | {".gv": "dot"}
TEXTS = ("svg", "dot")


@click.command()
@options.target
@options.inputs
@options.settings
@formulas
@options.depth
@options.paths
@options.fold
@click.option("--block", metavar="CALL", help="Draw the inside of one block, as mid.attn_1.")
@click.option(
    "--format",
    "form",
    type=click.Choice(DIAGRAM_FORMATS),
    metavar="FORMAT",
    help=f"{', '.join(DIAGRAM_FORMATS)}; as the suffix of FILE says, svg without one.",
)
@options.output
@options.debug
def diagram(
    target: str,
    inputs: dict[str, str],
    settings: dict[str, str],
    formulas: SymbolicRequest | None,
    depth: int | None,
    paths: tuple[str, ...],
    fold: bool | None,
    block: str | None,
    form: str | None,
    output: Path | None,
) -> int:
    """Draw a model as a ladder, with its skips for rungs.

    Each resolution has a band, each push stands opposite its pop. --depth says
    how deep blocks are looked into, with --block from that block. Where the
    model fails, the picture ends there.

    \b
      unet-trace diagram ddpm-cifar10 -o unet.svg
      unet-trace diagram trace.json --block mid.attn_1 -o attention.png
      unet-trace diagram trace.json --format dot
    """
    from tracer.render.tables.visible_rows import RowSelection

    wanted = _format(form, output)
    view = RowSelection(depth, paths, fold is not False)
    found = subject(TargetSpec(target, settings, inputs, formulas))
    if found.trace.steps or not found.trouble:
        with progress("Drawing"):
            picture = _drawn(found.trace, block, view, cast("DiagramFormat", wanted))
        write_bytes(picture, output)
        _tell_symbols(found.trace)
    return found.status()


def _tell_symbols(trace: Trace) -> None:
    """Say what the formulas of a picture hold for, which has no room for it."""
    from tracer.render.tables.block_columns import notes_of

    if trace.symbols:
        tell("\n".join(notes_of(trace)))


def _format(form: str | None, path: Path | None) -> str:
    """The form of the picture, settled before anything takes time."""
    if form is None and path is None and sys.stdout.isatty():
        raise TraceError("Say where the picture goes: -o unet.svg, .png, .pdf or .dot.")
    wanted = form or (DIAGRAM_SUFFIXES.get(path.suffix.lower()) if path else "svg")
    if wanted is None:
        raise TraceError(
            f'"{path}" does not say what to draw: end it in .svg, .png, .pdf or .dot, or give '
            "--format."
        )
    if path is None and wanted not in TEXTS and sys.stdout.isatty():
        raise TraceError(f"{wanted} is not for a terminal: write it to a file with -o FILE.")
    return wanted


def _drawn(trace: Trace, block: str | None, view: RowSelection, form: DiagramFormat) -> bytes:
    from tracer.render.diagram.dot import digraph
    from tracer.render.diagram.graphviz_program import render_dot
    from tracer.render.diagram.node_style import DEFAULT_STYLE, Style
    from tracer.render.diagram.palette import with_colors

    if block is not None and block not in trace.blocks:
        raise TraceError(
            f"{trace.model} has no block {block}. {suggestion(block, trace.blocks)} "
            "`unet-trace show` lists them." + "".join(f"\nnote: {note}" for note in trace.notes)
        )
    style = DEFAULT_STYLE if form == "dot" else Style(colorize=with_colors)
    return render_dot(digraph(trace, block, style=style, view=view).source, form)
