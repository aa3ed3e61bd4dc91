"""The command that compares two models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

from tracer.cli.options import (
    FILE,
    TARGET,
    Option,
    for_side,
    in_a_folder,
)
from tracer.cli.output import Destination, unknown_format, write_bytes, write_table
from tracer.cli.snapshots import (
    is_file,
    load_snapshot,
    require_same_kind,
    with_formulas_of,
    with_options,
)
from tracer.cli.stderr import report, spinner
from tracer.errors import TraceError
from tracer.render.diagram.graphviz_program import DIAGRAM_SUFFIXES, KNOWN_SUFFIXES
from tracer.target_spec import TargetSpec

if TYPE_CHECKING:
    from tracer.record import Trace
    from tracer.render.diagram.graphviz_program import DiagramFormat
    from tracer.render.diagram.side_by_side import TitledTrace
    from tracer.snapshot import Snapshot
    from tracer.snapshot.diff import Comparison

TWO_TARGETS = for_side(TARGET, "A"), for_side(TARGET, "B")
DIAGRAM = Option(
    "picture",
    ("--diagram",),
    settings={
        "type": FILE,
        "metavar": "FILE",
        "callback": in_a_folder,
        "help": "Draw both, side by side, into an .svg, .png, .pdf or .dot, with the "
        "differences marked.",
    },
)


def run(
    a: TargetSpec,
    b: TargetSpec,
    both: TargetSpec,
    every: bool,
    picture: Path | None,
    destination: Destination,
) -> int:
    """Compare two models: blocks, shapes, costs, skips, joins.

    A and B are targets, saved traces or lock files. Renamed blocks are matched
    by their structure. By default only the differences that cause others are
    shown; --all lists the others, too. With --symbolic another image size is not
    a difference. The exit status is 1 if anything differs.

    \b
      unet-trace diff mine.py:net ddpm-cifar10
      unet-trace diff ddpm-cifar10 ddpm-celebahq-256 --symbolic
      unet-trace diff before.json after.json --diagram both.svg
    """
    from tracer.render.tables.differences import ColumnTitles, difference_records, difference_table
    from tracer.snapshot.diff import compare

    form = _form_of(picture)
    _require_model(a, b, both)
    symbolic = any(one.in_formulas for one in (a, b, both))
    targets = tuple(with_options(one, replace(both, symbolic=symbolic)) for one in (a, b))
    snapshots = _load_both(*targets)
    if snapshots is None:
        return 2
    titles = f"A: {targets[0]}", f"B: {targets[1]}"
    models = tuple(_models(snapshots, titles)) if form else ()
    found = compare(*snapshots)
    names = ColumnTitles("A", "B", "\n".join(titles))
    table = difference_table(found, names, every=every)
    write_table(table, difference_records(found), destination)
    if form is not None:
        write_bytes(_draw(found, models, form), picture)
    return 0 if found.same else 1


def _require_model(a: TargetSpec, b: TargetSpec, both: TargetSpec) -> None:
    """Refuse options of models where neither side is one."""
    if is_file(a) and is_file(b) and both != TargetSpec():
        words = str(replace(both, target="both")).partition(" ")[2]
        raise TraceError(f"{a.target} and {b.target} are files and are not run. Drop {words}.")


def _load_both(*targets: TargetSpec) -> tuple[Snapshot, Snapshot] | None:
    """The two snapshots; a model that is run is in formulas where the other file is."""
    found: dict[int, Snapshot] = {}
    for number in sorted(range(len(targets)), key=lambda number: not is_file(targets[number])):
        target = reduce(with_formulas_of, found.values(), targets[number])
        snapshot = load_snapshot(target)
        if snapshot is None:
            return None
        found[number] = snapshot
    require_same_kind(found[0], found[1], ("A", "B"))
    return found[0], found[1]


def _form_of(picture: Path | None) -> DiagramFormat | None:
    """The format of the picture, settled before anything takes time."""
    if picture is None:
        return None
    form = DIAGRAM_SUFFIXES.get(picture.suffix.lower())
    if form is None:
        raise unknown_format(picture, KNOWN_SUFFIXES)
    return form


def _draw(found: Comparison, models: Sequence[TitledTrace], form: DiagramFormat) -> bytes:
    from tracer.render.diagram.graphviz_program import draw_dot
    from tracer.render.diagram.side_by_side import side_by_side_digraph
    from tracer.render.tables.visible_rows import RowSelection

    with spinner("Drawing both"):
        depths = (_readable_depth(one.trace) for one in models)
        depth = min((one for one in depths if one is not None), default=None)
        source = side_by_side_digraph(models, found, RowSelection(depth=depth)).source
        drawing = draw_dot(source, form)
    if drawing.passed_over:
        report(drawing.passed_over)
    if depth is not None:
        report(
            f"To stay readable, the diagrams expand blocks to depth {depth} only. To see more of "
            f"one model, use `unet-trace diagram` with --depth {depth + 1}."
        )
    return drawing.data


def _models(found: tuple[Snapshot, Snapshot], titles: Sequence[str]) -> Iterator[TitledTrace]:
    """The two models to draw. Raises TraceError for a lock file, which holds no trace."""
    from tracer.render.diagram.side_by_side import TitledTrace

    for snapshot, title in zip(found, titles, strict=True):
        if snapshot.trace is None:
            raise TraceError(
                f'"{title}" is a lock file and cannot be drawn: leave out --diagram, or name the '
                "model itself."
            )
        yield TitledTrace(snapshot.trace, title)


def _readable_depth(trace: Trace) -> int | None:
    from tracer.analysis.skips import skips
    from tracer.render.diagram.readable_depth import find_readable_depth
    from tracer.render.tables.visible_rows import ALL_ROWS

    found = find_readable_depth(trace, skips(trace), ALL_ROWS)
    return None if found is None else found.depth
