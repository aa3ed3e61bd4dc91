"""The command that compares two models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracer.cli import options
from tracer.cli.blueprint_subjects import traced_or_locked
from tracer.cli.output import Place, write_bytes, write_table
from tracer.cli.progress import progress
from tracer.cli.subjects import Wish
from tracer.errors import TraceError

if TYPE_CHECKING:
    from tracer.blueprints import Blueprint
    from tracer.comparison import Comparison
    from tracer.render.side_by_side import Picture

FORMATS = (".svg", ".pdf")


@click.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@options.inputs_of("A")
@options.inputs_of("B")
@options.settings_of("A")
@options.settings_of("B")
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
    before: str,
    after: str,
    input_a: dict[str, str],
    input_b: dict[str, str],
    set_a: dict[str, str],
    set_b: dict[str, str],
    every: bool,
    picture: Path | None,
    form: str | None,
    output: Path | None,
) -> int:
    """Compare two models: blocks, shapes, costs, skips, joins.

    A and B are targets, saved traces or lock files. Blocks of other names are
    matched by their structure. Shown is what the differences begin with; what
    only follows from that is listed with --all. The exit status is 1 where
    anything differs.

    \b
      unet-trace diff mine.py:net ddpm-cifar10
      unet-trace diff tiny tiny --set-b ch=64
      unet-trace diff before.json after.json --diagram both.svg
    """
    from tracer.comparison import compare
    from tracer.render.differences import Names, difference_records, difference_table

    _require_format(picture)
    wishes = Wish(before, set_a, input_a), Wish(after, set_b, input_b)
    one = traced_or_locked(wishes[0])
    other = traced_or_locked(wishes[1]) if one else None
    if one is None or other is None:
        return 2
    found = compare(one, other)
    titles = f"A: {wishes[0].words}", f"B: {wishes[1].words}"
    names = Names("A", "B", "\n".join(titles))
    write_table(
        difference_table(found, names, every=every), difference_records(found), Place(form, output)
    )
    if picture is not None:
        write_bytes(_drawn(found, titles, picture), picture)
    return 0 if found.same else 1


def _require_format(picture: Path | None) -> None:
    if picture is not None and picture.suffix not in FORMATS:
        raise TraceError(f'"{picture}" does not say what to draw: end it in .svg or .pdf.')


def _drawn(found: Comparison, titles: tuple[str, str], path: Path) -> bytes:
    from tracer.render.side_by_side import side_by_side

    before, after = _picture(found.before, titles[0]), _picture(found.after, titles[1])
    svg = side_by_side(before, after, found).encode()
    if path.suffix == ".svg":
        return svg
    from tracer.render.svg_to_pdf import pdf_of

    return pdf_of(svg)


def _picture(drawn: Blueprint, title: str) -> Picture:
    from tracer.render.diagram import digraph
    from tracer.render.graphviz_program import rendered
    from tracer.render.side_by_side import Picture

    if drawn.trace is None:
        raise TraceError(f'"{title}" is a lock file, of which nothing can be drawn.')
    with progress(f"Drawing {title}"):
        return Picture(rendered(digraph(drawn.trace).source, "svg"), title)
