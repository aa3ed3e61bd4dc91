"""The command that draws a trace."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import click

from tracer.cli.options import OUTPUT, Option
from tracer.cli.output import Destination, RowOptions, unknown_format, write_bytes
from tracer.cli.sessions import shown_trace, status_of, traced_session
from tracer.cli.stderr import report, spinner
from tracer.errors import TraceError, suggestion
from tracer.render.diagram.graphviz_program import (
    DIAGRAM_FORMATS,
    DIAGRAM_SUFFIXES,
    KNOWN_SUFFIXES,
)
from tracer.target_spec import TargetSpec

if TYPE_CHECKING:
    from tracer.record import Trace
    from tracer.render.diagram.graphviz_program import DiagramFormat, Drawing
    from tracer.render.diagram.readable_depth import ReadableDepth
    from tracer.render.tables.visible_rows import RowSelection

TEXTS = ("svg", "dot")


BLOCK = Option(
    "block",
    ("--block",),
    settings={"metavar": "CALL", "help": "Draw the inside of one block, for example mid.attn_1."},
)
DRAWING_OUTPUT = replace(OUTPUT, part="drawing")
DRAWING_FORMAT = Option(
    "form",
    ("--format",),
    "drawing",
    {
        "type": click.Choice(DIAGRAM_FORMATS),
        "metavar": "FORMAT",
        "help": f"{', '.join(DIAGRAM_FORMATS)}; default: inferred from the suffix of FILE, or svg.",
    },
)


def run(target: TargetSpec, rows: RowOptions, block: str | None, drawing: Destination) -> int:
    """Draw a model as a U, with one line per skip.

    Each resolution has a row, and each push is opposite its pop. --depth says how
    far blocks are expanded, starting from the model or, with --block, from that
    block. Without it, they are expanded as far as the diagram stays readable. If
    the model fails, the picture ends there.

    \b
      unet-trace diagram ddpm-cifar10 -o unet.svg
      unet-trace diagram trace.json --block mid.attn_1 -o attention.png
      unet-trace diagram trace.json --format dot
    """
    from tracer.render.tables.visible_rows import RowSelection

    wanted = _format(drawing)
    selection = RowSelection(rows.depth, rows.paths, rows.fold is not False)
    session = traced_session(target)
    trace = shown_trace(session)
    if trace.steps or session.failure is None:
        with spinner("Drawing"):
            readable = None if block is not None else _readable_depth(trace, selection)
            if readable is not None:
                selection = replace(selection, depth=readable.depth)
            picture = _render(trace, block, selection, cast("DiagramFormat", wanted))
        if picture.passed_over:
            report(picture.passed_over)
        write_bytes(picture.data, drawing.path)
        _report_symbols(trace)
        if readable is not None:
            report(readable.sentence())
    return status_of(session)


def _readable_depth(trace: Trace, selection: RowSelection) -> ReadableDepth | None:
    from tracer.analysis.skips import skips
    from tracer.render.diagram.readable_depth import find_readable_depth

    return find_readable_depth(trace, skips(trace), selection)


def _report_symbols(trace: Trace) -> None:
    """Say what the formulas of a picture hold for, which has no room for it."""
    from tracer.render.tables.block_columns import trace_notes

    if trace.symbols:
        report("\n".join(trace_notes(trace)))


def _format(destination: Destination) -> str:
    """The form of the picture, settled before anything takes time."""
    form, path = destination.form, destination.path
    if form is None and path is None and sys.stdout.isatty():
        raise TraceError(f"No output file. Use -o unet{KNOWN_SUFFIXES}.")
    wanted = form or (DIAGRAM_SUFFIXES.get(path.suffix.lower()) if path else "svg")
    if path is not None and wanted is None:
        raise unknown_format(path, f"{KNOWN_SUFFIXES}, or give --format")
    if path is None and wanted not in TEXTS and sys.stdout.isatty():
        raise TraceError(f"{wanted} cannot be shown in a terminal: write it to a file, -o FILE.")
    return wanted or "svg"


def _render(
    trace: Trace, block: str | None, selection: RowSelection, form: DiagramFormat
) -> Drawing:
    from tracer.render.diagram.dot import digraph
    from tracer.render.diagram.graphviz_program import draw_dot
    from tracer.render.diagram.node_style import DEFAULT_STYLE, Style
    from tracer.render.diagram.palette import with_colors

    if block is not None and block not in trace.blocks:
        raise TraceError(
            f"{trace.model} has no block {block}. {suggestion(block, trace.blocks)} "
            "`unet-trace show` lists them." + "".join(f"\nnote: {note}" for note in trace.notes)
        )
    style = DEFAULT_STYLE if form == "dot" else Style(colorize=with_colors)
    return draw_dot(digraph(trace, block, style=style, view=selection).source, form)
