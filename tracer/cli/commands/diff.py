"""The command that compares two models."""

from __future__ import annotations

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
from tracer.cli.snapshots import is_file, load_snapshot, require_same_kind, with_formulas_of
from tracer.cli.stderr import report, spinner
from tracer.errors import TraceError, shown_path
from tracer.render.diagram.graphviz_program import DIAGRAM_FORMATS
from tracer.target_spec import TargetSpec

if TYPE_CHECKING:
    from tracer.record import Trace
    from tracer.render.diagram.graphviz_program import Drawing
    from tracer.snapshot import Snapshot
    from tracer.snapshot.diff import Comparison

COMPARISON_FORMATS = (".svg", ".pdf")


TWO_TARGETS = for_side(TARGET, "A"), for_side(TARGET, "B")
DIAGRAM = Option(
    "picture",
    ("--diagram",),
    settings={
        "type": FILE,
        "metavar": "FILE",
        "callback": in_a_folder,
        "help": "Draw both, side by side, into an .svg or .pdf, with the differences marked.",
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

    _require_format(picture)
    _require_model(a, b, both)
    symbolic = any(one.in_formulas for one in (a, b, both))
    targets = tuple(_with_options(one, replace(both, symbolic=symbolic)) for one in (a, b))
    snapshots = _load_both(*targets)
    if snapshots is None:
        return 2
    found = compare(*snapshots)
    titles = f"A: {targets[0]}", f"B: {targets[1]}"
    names = ColumnTitles("A", "B", "\n".join(titles))
    table = difference_table(found, names, every=every)
    write_table(table, difference_records(found), destination)
    if picture is not None:
        write_bytes(_render(found, titles, picture), picture)
    return 0 if found.same else 1


def _with_options(target: TargetSpec, both: TargetSpec) -> TargetSpec:
    """The target with the options for both; those of its own come first. A file is not run."""
    shared = replace(target, symbolic=both.symbolic)
    if is_file(target):
        return shared
    return replace(
        shared,
        settings={**both.settings, **target.settings},
        inputs={**both.inputs, **target.inputs},
        dims={**both.dims, **target.dims},
        size=target.size or both.size,
        batch=target.batch or both.batch,
        vary=tuple(dict.fromkeys((*both.vary, *target.vary))),
        mode=both.mode,
    )


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


def _require_format(picture: Path | None) -> None:
    if picture is None or picture.suffix in COMPARISON_FORMATS:
        return
    if picture.suffix[1:] in DIAGRAM_FORMATS:
        raise TraceError(
            f"--diagram {shown_path(picture)}: two models side by side are drawn as .svg or .pdf. "
            "Only one model can be drawn as .png or .dot, with `unet-trace diagram`."
        )
    raise unknown_format(picture, ".svg or .pdf")


def _render(found: Comparison, titles: tuple[str, str], path: Path) -> bytes:
    from tracer.render.diagram.side_by_side import TitledSvg, draw_side_by_side

    traces = [_trace_of(*pair) for pair in zip((found.before, found.after), titles, strict=True)]
    depth = min(filter(None, map(_readable_depth, traces)), default=None)
    drawings = [_render_one(*pair, depth) for pair in zip(traces, titles, strict=True)]
    for line in dict.fromkeys(drawing.passed_over for drawing in drawings if drawing.passed_over):
        report(line)
    before, after = (
        TitledSvg(drawing.data, title) for drawing, title in zip(drawings, titles, strict=True)
    )
    svg = draw_side_by_side(before, after, found).encode()
    if depth is not None:
        report(
            f"To stay readable, the diagrams expand blocks to depth {depth} only. To see more of "
            f"one model, use `unet-trace diagram` with --depth {depth + 1}."
        )
    if path.suffix == ".svg":
        return svg
    from tracer.render.diagram.svg_to_pdf import pdf_of

    return pdf_of(svg)


def _trace_of(snapshot: Snapshot, title: str) -> Trace:
    if snapshot.trace is None:
        raise TraceError(f'"{title}" is a lock file and cannot be drawn.')
    return snapshot.trace


def _readable_depth(trace: Trace) -> int | None:
    from tracer.analysis.skips import skips
    from tracer.render.diagram.readable_depth import find_readable_depth
    from tracer.render.tables.visible_rows import ALL_ROWS

    found = find_readable_depth(trace, skips(trace), ALL_ROWS)
    return None if found is None else found.depth


def _render_one(trace: Trace, title: str, depth: int | None) -> Drawing:
    from tracer.render.diagram.dot import digraph
    from tracer.render.diagram.graphviz_program import draw_dot
    from tracer.render.tables.visible_rows import RowSelection

    with spinner(f"Drawing {title}"):
        source = digraph(trace, view=RowSelection(depth=depth)).source
        return draw_dot(source, "svg")
