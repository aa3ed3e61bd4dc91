"""The page of an explorer: one file that holds everything, also for readers without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from importlib.resources import files
from typing import Any

from tracer.analysis.skips import skips
from tracer.errors import TraceError
from tracer.render.explorer.document import ExplorerContent, explorer_document
from tracer.render.explorer.packed import json_text, pack
from tracer.render.explorer.still_map import map_svg
from tracer.render.explorer.still_source import first_frame_lines, source_with_shapes
from tracer.render.explorer.still_tables import table_sections
from tracer.render.explorer.still_words import STILL_WORDS, StillWords
from tracer.render.formats.html import diagram_section, fragment
from tracer.render.tables.rule_phrases import RULE_PHRASES, rules_in_words

PACKED_TYPE = "application/vnd.unet-trace"
COMPONENT = "explorer.js"


def component_script() -> str:
    """Return the script that defines the component `<unet-explorer>`."""
    return _resource(COMPONENT)


def explorer_page(content: ExplorerContent) -> str:
    """Return a page that explores a trace: a whole HTML document that loads nothing.

    Where no script runs, it shows the map, the source with the shapes of the first calls, and the
    tables. These come first in the file, so that something is painted before the rest is read.

    Raises:
        TraceError: There are no words for the language.
    """
    words = words_of(content.lang)
    document = explorer_document(content)
    still = "".join(_still(content, document, words))
    heading = f"<h1>{escape(_name(content))}</h1>{''.join(_summary(content, words))}"
    element = _element(content, document, f'routed>\n<div class="still">{still}</div>\n')
    return _page(content, document, f"<header>{heading}</header>\n<main>\n{element}</main>\n")


def framed_page(content: ExplorerContent) -> str:
    """Return the same for a frame in another page, whose colors it follows, and without more.

    Raises:
        TraceError: There are no words for the language.
    """
    words_of(content.lang)
    script = f"<script>{script_text(_resource('frame_theme.js'))}</script>\n"
    document = explorer_document(content)
    return _page(content, document, f"{script}<main>\n{_element(content, document, '>')}</main>\n")


def _element(content: ExplorerContent, document: dict[str, Any], inside: str) -> str:
    """The component, which begins at the first line of the model's own `forward`."""
    number = document["blocks"][0]["function"]
    name = document["functions"][number]["name"] if number >= 0 else ""
    begin = f'function="{escape(name)}" ' if name else ""
    return f'<unet-explorer data="#trace" lang="{content.lang}" {begin}{inside}</unet-explorer>\n'


def _page(content: ExplorerContent, document: dict[str, Any], body: str) -> str:
    """A page with its data and the component at its end."""
    title = escape(words_of(content.lang).page.format(model=content.trace.model))
    return "".join(
        (
            f'<!DOCTYPE html>\n<html lang="{content.lang}">\n<head>\n<meta charset="utf-8">\n',
            '<meta name="viewport" content="width=device-width">\n',
            '<meta name="color-scheme" content="light dark">\n',
            '<link rel="icon" href="data:,">\n',  # or a browser asks the server for one
            f"<title>{title}</title>\n<style>{_resource('page.css')}</style>\n</head>\n<body>\n",
            body,
            f'<script type="{PACKED_TYPE}" id="trace">{pack(document)}</script>\n',
            f"<script>{script_text(component_script())}</script>\n</body>\n</html>\n",
        )
    )


def data_script(content: ExplorerContent, element_id: str) -> str:
    """Return a script that puts the data of an explorer into the page, for `<unet-explorer data>`.

    A page that is opened from a disk can load a script, and no other file.
    """
    data = {"type": PACKED_TYPE, "id": element_id, "textContent": pack(explorer_document(content))}
    element = f'Object.assign(document.createElement("script"), {json_text(data)})'
    return f"document.head.append({element});\n"


def words_of(lang: str) -> StillWords:
    """Return the words of a language. Raises TraceError for one that there are none of."""
    if lang not in STILL_WORDS:
        known = " and ".join(STILL_WORDS)
        raise TraceError(f'There is no language "{lang}": give one of {known}.')
    return STILL_WORDS[lang]


def script_text(script: str) -> str:
    r"""Return a script as it may stand in a `<script>` element.

    >>> script_text('write("</script>")')
    'write("<\\/script>")'
    """
    return script.replace("</script", r"<\/script").replace("<!--", r"<\!--")


def _resource(name: str) -> str:
    return files("tracer.render.explorer").joinpath(name).read_text(encoding="utf-8")


def _name(content: ExplorerContent) -> str:
    target = content.trace.target
    return f"{content.trace.model} ({target})" if target else content.trace.model


def _summary(content: ExplorerContent, words: StillWords) -> Iterator[str]:
    trace = content.trace
    counts = words.counts.format(
        parameters=f"{trace.root.parameters:,}",
        blocks=f"{len(trace.blocks):,}",
        operations=f"{len(trace.steps):,}",
        skips=len(skips(trace)),
    )
    yield _paragraph(counts)
    if content.rules is not None:
        rules = rules_in_words(content.rules, RULE_PHRASES[content.lang])
        yield _paragraph(words.rules.format(rules=rules))
    else:
        yield _paragraph(words.no_rules)
    if not trace.symbols:
        yield _paragraph(words.no_formulas)


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _still(content: ExplorerContent, document: dict[str, Any], words: StillWords) -> Iterator[str]:
    """The parts that need no script."""
    drawn = list(_maps(document, words))
    yield f"<h2>{words.map}</h2>{fragment(content.trace.model, drawn)}"
    yield f"<h2>{words.source}</h2>{''.join(_sources(content, words))}"
    tables = table_sections(content.numbers, content.rules, words)
    yield fragment(content.trace.model, tables)
    if content.trace.notes:
        yield f"<h2>{words.notes}</h2>{''.join(map(_paragraph, content.trace.notes))}"
    if content.version:
        made = words.made_with.format(torch=content.trace.torch, version=content.version)
        yield _paragraph(made)


def _maps(document: dict[str, Any], words: StillWords) -> Iterator[str]:
    for drawn in document["maps"]:
        block = document["blocks"][drawn["block"]]["call"]
        heading = words.nested.format(block=block) if block else ""
        name = heading or f"{words.map}: {drawn['title']}"
        yield diagram_section(map_svg(drawn, document["dims"], name), heading)


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
