"""Writes the generated files below docs/<language>/generated/, where pages include them.

A file is written only if its content changes, so that `mkdocs serve` does not rebuild because of
its own output. A file that is no longer generated is removed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from tracer.analysis.levels.whole_model import model_graph
from tracer.analysis.skips import skips
from tracer.annotation.source_texts import read_texts
from tracer.atomic_write import TEMPORARY_PREFIX, write_whole
from tracer.gc_pause import gc_paused
from tracer.record import Block, Trace
from tracer.render.diagram.dot import digraph
from tracer.render.diagram.embed_svg import inline_svg
from tracer.render.diagram.graphviz_program import programs, render_dot
from tracer.render.diagram.node_style import Style, identifiers
from tracer.render.diagram.readable_depth import find_readable_depth
from tracer.render.diagram.visible_units import collapsed_blocks
from tracer.render.explorer.document import ExplorerContent, explorer_document, with_notes
from tracer.render.explorer.embedded import COMPONENT, component_script, document_script
from tracer.render.formats.csv_text import to_csv
from tracer.render.tables.block_shapes import shape_table
from tracer.render.tables.visible_rows import ALL_ROWS, RowSelection
from tracer.site.content.function_source import Function
from tracer.site.content.name_pairs import SharedBlocks, shared_blocks
from tracer.site.content.site_config import LANGUAGES, ComparedModel, SiteModel
from tracer.site.content.site_content import (
    RunModels,
    SiteContent,
    read_content,
    read_search_words,
)
from tracer.site.models import cache
from tracer.site.models.file_dependencies import file_state
from tracer.site.models.kept_results import KeptResults
from tracer.site.models.run_experiments import running_experiments
from tracer.site.models.run_models import results_of_models
from tracer.site.pages.merge_svgs import merge_drawings
from tracer.site.pages.page_parts import MODEL_TEXTS, InlineDrawing, model_parts, note_parts
from tracer.site.pages.typeset_svg import typeset_sizes
from tracer.site.pages.urls import MAP, Addresses, explorer_id
from tracer.store import load, to_json

PARTS_FOLDER = "generated"


def write_generated_files(root: Path, run_models: RunModels | None = None) -> tuple[Path, ...]:
    """Write the generated files of every language.

    Args:
        root: The folder of the project; the files are below its ``docs``.
        run_models: Returns the results of models; None runs them and the experiments, unless a
            cached result is valid.

    Returns:
        The files that were written or removed.

    Raises:
        SiteError: A note does not match its code, or a shape in it does not match the traces.
    """
    with gc_paused():  # traces are many small objects, which stay
        return tuple(_written(root, run_models))


def _written(root: Path, run_models: RunModels | None) -> list[Path]:
    docs, cache_folder = root / "docs", root / cache.CACHE_FOLDER
    run_experiments = None
    if run_models is None:
        run_models = partial(results_of_models, cache_folder=cache_folder)
        run_experiments = partial(running_experiments, docs=docs, cache_folder=cache_folder)
    content = read_content(docs, run_models, run_experiments)
    kept = KeptResults(cache_folder)
    drawings = {model.name: _kept_drawing(content, model, kept) for model in content.config.shown}
    blocks = {one.name: _shared_blocks(content, one, kept) for one in content.config.compared}
    shared = dict(assets()) | dict(_assets(root / "docs" / "assets")) | dict(_downloads(content))
    shared |= dict(_explorers(content, kept))
    shared["assets/search_words.js"] = _search_words(root / "docs" / "search.yaml")
    changed: list[Path] = []
    for language in LANGUAGES:
        texts = _model_parts(content, drawings, blocks, language, kept)
        texts |= note_parts(content, drawings, language)
        written = shared | {f"parts/{name}": text.encode() for name, text in texts.items()}
        changed += write_folder(root / "docs" / language / PARTS_FOLDER, written)
    return changed


def _model_parts(
    content: SiteContent,
    drawings: Mapping[str, InlineDrawing],
    shared: Mapping[str, SharedBlocks],
    language: str,
    kept: KeptResults,
) -> dict[str, str]:
    """The parts that stay the same when a note says something else."""
    silent = content.without_texts()
    inputs = (
        silent.config,
        silent.results,
        [(one.walk, one.notes, _source_of(one.function)) for one in silent.walkthroughs],
        silent.records,
        [file_state(str(content.docs / name)) for name in MODEL_TEXTS],
        drawings,
        shared,
    )
    make = partial(model_parts, silent, drawings, shared, language)
    return kept.get(f"parts-{language}", inputs, dict[str, str], make)


def _source_of(function: Function) -> tuple[object, ...]:
    """What a function is read from, and with it what ran of it."""
    return function.name, function.file, function.first, function.lines, function.parameters


def _kept_drawing(content: SiteContent, model: SiteModel, kept: KeptResults) -> InlineDrawing:
    results = content.results[model.name]
    graphviz = [(str(one), file_state(one.path)) for one in programs(os.environ)]
    inputs = model.name, results.trace, results.formulas, graphviz
    make = partial(_inline_drawing, content, model)
    return kept.get(f"drawing-{model.name}", inputs, InlineDrawing, make)


def _shared_blocks(content: SiteContent, other: ComparedModel, kept: KeptResults) -> SharedBlocks:
    """The blocks that a model of another package has in common with ours."""
    ours = content.results[other.trace].formulas
    theirs = load(content.docs / other.file)
    make = partial(shared_blocks, ours, theirs)
    return kept.get(f"names-{other.name}", (ours, theirs), SharedBlocks, make)


def _inline_drawing(content: SiteContent, model: SiteModel) -> InlineDrawing:
    results = content.results[model.name]
    links = skips(results.trace)
    readable = find_readable_depth(results.trace, links, ALL_ROWS)
    depth = readable.depth if readable else None
    units = model_graph(results.trace, links, collapsed_blocks(results.trace, depth)).units
    ids = identifiers(unit.name for unit in units)
    style = Style(link=partial(_address, Addresses(content, MAP), model.name))
    traces = results.trace, results.formulas
    drawings = (_draw(trace, style, RowSelection(depth=depth)) for trace in traces)
    return InlineDrawing(
        svg=inline_svg(merge_drawings(*drawings), model.name),
        nodes={unit.name: ids[unit.name] for unit in units if unit.block},
        depth=depth,
    )


def _address(urls: Addresses, name: str, block: Block) -> str:
    return urls.row(name, block.call)


def _draw(trace: Trace, style: Style, view: RowSelection) -> str:
    graph = digraph(trace, style=style, view=view)
    return typeset_sizes(render_dot(graph.source, "svg").decode(), trace)


def _downloads(content: SiteContent) -> Iterator[tuple[str, bytes]]:
    """The files to download: each trace and its table of shapes, with numbers and with formulas."""
    for model in content.config.shown:
        results = content.results[model.name]
        for suffix, trace in (("", results.trace), (".formulas", results.formulas)):
            yield f"data/{model.name}{suffix}.json", to_json(trace)
            yield f"data/{model.name}{suffix}.csv", to_csv(shape_table(trace)).encode()


def _explorers(content: SiteContent, kept: KeptResults) -> Iterator[tuple[str, bytes]]:
    """The script of the explorer, and one with the data of each model that a page explores."""
    yield f"assets/{COMPONENT}", component_script().encode()
    titles = dict(_titles(content))
    for name in content.explored:
        results = content.results[name]
        explored = ExplorerContent(results.formulas, read_texts(results.formulas), results.rules)
        make = partial(explorer_document, explored)
        document = kept.get(f"explorer-{name}", explored, dict[str, Any], make)
        script = document_script(with_notes(document, titles), explorer_id(name))
        yield f"data/{name}.explorer.js", script.encode()


def _titles(content: SiteContent) -> Iterator[tuple[str, dict[str, str]]]:
    """The title of each walkthrough in every language, by the name of its function."""
    for one in content.walkthroughs:
        titles = {language: one.notes.title_of(language) for language in LANGUAGES}
        yield one.function.name, titles


def assets() -> Iterator[tuple[str, bytes]]:
    """Yield the styles and scripts of pages, also those of sites of other models."""
    for one in sorted(files("tracer.site").joinpath("assets").iterdir(), key=lambda one: one.name):
        yield f"assets/{one.name}", one.read_bytes()


def _search_words(path: Path) -> bytes:
    """A script with what readers type, and what is searched for instead, by language."""
    words: dict[str, list[tuple[str, str]]] = {language: [] for language in LANGUAGES}
    for language, typed, word in read_search_words(path) if path.is_file() else ():
        words[language].append((typed, word))
    return f"window.unetTraceSearch = {json.dumps(words, ensure_ascii=False)};\n".encode()


def _assets(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield f"assets/{path.relative_to(folder).as_posix()}", path.read_bytes()


def write_folder(folder: Path, contents: Mapping[str, bytes]) -> Iterator[Path]:
    """Write files into a folder, remove others that it holds, and yield what changed."""
    for name, data in sorted(contents.items()):
        path = folder / name
        if not path.is_file() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, data)
            yield path
    current = {folder / name for name in contents}
    for path in sorted(folder.rglob("*")):
        is_draft = path.parent.name.startswith(TEMPORARY_PREFIX)  # of a build at the same time
        if path.is_file() and path not in current and not is_draft:
            path.unlink(missing_ok=True)
            yield path
