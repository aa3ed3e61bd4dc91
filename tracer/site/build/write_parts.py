"""The generated files, written below docs/<language>/generated/ where pages take them in.

A file is written only when it changes, so that `mkdocs serve` is not woken by its own work, and a
file that is no longer made is removed.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tracer.analysis.levels.whole_model import model_graph
from tracer.analysis.skips import skips
from tracer.record import Trace
from tracer.render.diagram.diagram import digraph
from tracer.render.diagram.graphviz_program import rendered
from tracer.render.diagram.node_style import Style, identifiers
from tracer.render.formats.csv_text import to_csv
from tracer.render.tables.block_shapes import shape_table
from tracer.site.content.load import Content, Find, read_content
from tracer.site.content.site_config import LANGUAGES, SiteModel
from tracer.site.models import cache
from tracer.site.models.run_models import find_all
from tracer.site.pages.figure import inline_svg
from tracer.site.pages.merge_svgs import relettered
from tracer.site.pages.page_parts import InlineDrawing, parts
from tracer.site.pages.typeset_sizes import spelled
from tracer.site.pages.urls import MAP, Addresses
from tracer.store import to_json

PARTS_FOLDER = "generated"


def generate(root: Path, find: Find | None = None) -> tuple[Path, ...]:
    """Write the generated files of every language below `root`; returns those that changed.

    `find` runs the models as the plan asks, where it is not as usual. Raises SiteError when notes
    and code do not fit.
    """
    kept = root / cache.CACHE_FOLDER
    content = read_content(root / "docs", find or partial(find_all, folder=kept))
    drawings = {traced.name: _drawing(content, traced) for traced in content.plan.shown}
    shared = dict(_assets(root / "docs" / "assets")) | dict(_data(content))
    changed: list[Path] = []
    for language in LANGUAGES:
        made = parts(content, drawings, language)
        files = shared | {f"parts/{name}": text.encode() for name, text in made.items()}
        changed += _write(root / "docs" / language / PARTS_FOLDER, files)
    return tuple(changed)


def _drawing(content: Content, traced: SiteModel) -> InlineDrawing:
    found = content.findings[traced.name]
    units = model_graph(found.trace, skips(found.trace)).units
    ids = identifiers(unit.name for unit in units)
    to = Addresses(content, MAP)
    drawn = (_drawn(trace, traced.name, to) for trace in (found.trace, found.formulas))
    return InlineDrawing(
        svg=inline_svg(relettered(*drawn), traced.name),
        nodes={unit.name: ids[unit.name] for unit in units if unit.block},
    )


def _drawn(trace: Trace, name: str, to: Addresses) -> str:
    picture = digraph(trace, style=Style(link=lambda block: to.row(name, block.call)))
    return spelled(rendered(picture.source, "svg").decode(), trace)


def _data(content: Content) -> Iterator[tuple[str, bytes]]:
    """What can be downloaded: each trace whole, and its shapes as a table, both ways."""
    for traced in content.plan.shown:
        found = content.findings[traced.name]
        for name, trace in (("", found.trace), (".formulas", found.formulas)):
            yield f"data/{traced.name}{name}.json", to_json(trace)
            yield f"data/{traced.name}{name}.csv", to_csv(shape_table(trace)).encode()


def _assets(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield f"assets/{path.relative_to(folder).as_posix()}", path.read_bytes()


def _write(folder: Path, files: dict[str, bytes]) -> Iterator[Path]:
    for name, data in sorted(files.items()):
        path = folder / name
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            yield path
    kept = {folder / name for name in files}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path not in kept:
            path.unlink()
            yield path
