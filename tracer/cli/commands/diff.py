"""The command that compares two models."""

from __future__ import annotations

from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracer.cli import options
from tracer.cli.output import Destination, write_bytes, write_table
from tracer.cli.progress import progress
from tracer.cli.snapshots import alike, is_written, require_alike, traced_or_locked
from tracer.cli.targets import TargetSpec
from tracer.cli.two_targets import two_targets
from tracer.errors import TraceError

if TYPE_CHECKING:
    from tracer.render.diagram.side_by_side import TitledSvg
    from tracer.snapshot import Snapshot
    from tracer.snapshot.diff import Comparison

COMPARISON_FORMATS = (".svg", ".pdf")


@click.command()
@two_targets
@options.every
@click.option(
    "--diagram",
    "picture",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Draw both, side by side, into an .svg or .pdf, with what differs marked.",
)
@options.table_format
@options.output
@options.debug
def diff(
    wishes: tuple[TargetSpec, TargetSpec],
    every: bool,
    picture: Path | None,
    form: str | None,
    output: Path | None,
) -> int:
    """Compare two models: blocks, shapes, costs, skips, joins.

    A and B are targets, saved traces or lock files. Blocks of other names are
    matched by their structure. Shown is what the differences begin with; what
    only follows from that is listed with --all. With --symbolic another size of
    the image is no difference. The exit status is 1 where anything differs.

    \b
      unet-trace diff mine.py:net ddpm-cifar10
      unet-trace diff ddpm-cifar10 ddpm-celebahq-256 --symbolic
      unet-trace diff before.json after.json --diagram both.svg
    """
    from tracer.render.tables.differences import ColumnTitles, difference_records, difference_table
    from tracer.snapshot.diff import compare

    _require_format(picture)
    drawn = _both(*wishes)
    if drawn is None:
        return 2
    found = compare(*drawn)
    titles = f"A: {wishes[0].words}", f"B: {wishes[1].words}"
    names = ColumnTitles("A", "B", "\n".join(titles))
    write_table(
        difference_table(found, names, every=every),
        difference_records(found),
        Destination(form, output),
    )
    if picture is not None:
        write_bytes(_drawn(found, titles, picture), picture)
    return 0 if found.same else 1


def _both(*wishes: TargetSpec) -> tuple[Snapshot, Snapshot] | None:
    """What is compared; what is run anew is in formulas where what is written down is."""
    drawn: dict[int, Snapshot] = {}
    for number in sorted(range(len(wishes)), key=lambda number: not is_written(wishes[number])):
        wish = reduce(alike, drawn.values(), wishes[number])
        found = traced_or_locked(wish)
        if found is None:
            return None
        drawn[number] = found
    require_alike(drawn[0], drawn[1], ("A", "B"))
    return drawn[0], drawn[1]


def _require_format(picture: Path | None) -> None:
    if picture is not None and picture.suffix not in COMPARISON_FORMATS:
        raise TraceError(f'"{picture}" does not say what to draw: end it in .svg or .pdf.')


def _drawn(found: Comparison, titles: tuple[str, str], path: Path) -> bytes:
    from tracer.render.diagram.side_by_side import draw_side_by_side

    before, after = _picture(found.before, titles[0]), _picture(found.after, titles[1])
    svg = draw_side_by_side(before, after, found).encode()
    if path.suffix == ".svg":
        return svg
    from tracer.render.diagram.svg_to_pdf import pdf_of

    return pdf_of(svg)


def _picture(drawn: Snapshot, title: str) -> TitledSvg:
    from tracer.render.diagram.dot import digraph
    from tracer.render.diagram.graphviz_program import render_dot
    from tracer.render.diagram.side_by_side import TitledSvg

    if drawn.trace is None:
        raise TraceError(f'"{title}" is a lock file, of which nothing can be drawn.')
    with progress(f"Drawing {title}"):
        return TitledSvg(render_dot(digraph(drawn.trace).source, "svg"), title)
