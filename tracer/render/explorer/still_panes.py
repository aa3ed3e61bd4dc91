"""What an explorer shows where no script runs: its map, its source with shapes, its tables."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from html import escape
from typing import Any

from tracer.analysis.skips import skips
from tracer.render.explorer.document import ExplorerContent
from tracer.render.explorer.still_map import map_svg
from tracer.render.explorer.still_source import first_frame_lines, source_with_shapes
from tracer.render.explorer.still_tables import table_sections
from tracer.render.explorer.still_words import StillWords, words_of
from tracer.render.formats.html import diagram_section, fragment
from tracer.render.tables.rule_phrases import RULE_PHRASES, rules_in_words

PANES = ("source", "map", "stack", "sizes", "tables")
"""The panes of an explorer."""


def summary_sentences(content: ExplorerContent) -> Iterator[str]:
    """Yield how large a model is, and at which sizes it runs, in sentences."""
    trace, words = content.trace, words_of(content.lang)
    counts = words.counts.format(
        parameters=f"{trace.root.parameters:,}",
        blocks=f"{len(trace.blocks):,}",
        operations=f"{len(trace.steps):,}",
        skips=len(skips(trace)),
    )
    yield counts
    if content.rules is not None:
        rules = rules_in_words(content.rules, RULE_PHRASES[content.lang])
        yield words.rules.format(rules=rules)
    else:
        yield words.no_rules
    if not trace.symbols:
        yield words.no_formulas


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def still_parts(
    content: ExplorerContent, document: dict[str, Any], panes: Collection[str] = PANES
) -> Iterator[str]:
    """Yield what some panes show, as HTML that needs no script.

    Args:
        content: What is explored.
        document: Its document.
        panes: The names of the panes.
    """
    words = words_of(content.lang)
    if "map" in panes:
        drawn = list(_maps(content, document, words))
        yield f"<h2>{words.map}</h2>{fragment(content.trace.model, drawn)}"
    if "source" in panes:
        yield f"<h2>{words.source}</h2>{''.join(_sources(content, words))}"
    if tables := list(table_sections(content, words, panes)):
        yield fragment(content.trace.model, tables)
    if content.trace.notes:
        yield f"<h2>{words.notes}</h2>{''.join(map(_paragraph, content.trace.notes))}"
    if content.version:
        made = words.made_with.format(torch=content.trace.torch, version=content.version)
        yield _paragraph(made)


def _maps(content: ExplorerContent, document: dict[str, Any], words: StillWords) -> Iterator[str]:
    for drawn in document["maps"]:
        block = document["blocks"][drawn["block"]]["call"]
        heading = words.nested.format(block=block) if block else ""
        name = heading or f"{words.map}: {drawn['title']}"
        svg = map_svg(drawn, document["dims"], name, content.lang)
        yield diagram_section(svg, heading, name=name)


def _sources(content: ExplorerContent, words: StillWords) -> Iterator[str]:
    trace, frames = content.numbers, content.frames
    lines = first_frame_lines(trace, frames)
    first_calls = {(one.file, one.function): one.block for one in reversed(frames.frames)}
    for key, function in content.functions.items():
        place = f"{function.file}:{function.first}"
        yield f"<h3>{escape(function.name)} <small>{escape(place)}</small></h3>"
        if not function.source:
            yield _paragraph(words.no_source.format(file=function.file))
            continue
        call = first_calls[key] or trace.model
        yield _paragraph(words.first_call.format(call=call))
        text = source_with_shapes(trace, function, lines[key])
        yield f'<pre tabindex="0">{text}</pre>'
