"""The page of an explorer: one file that holds everything, also for readers without scripts."""

from __future__ import annotations

from html import escape
from typing import Any

from tracer.render.explorer.document import ExplorerContent, explorer_document
from tracer.render.explorer.embedded import (
    ExplorerView,
    component_script,
    data_element,
    explorer_element,
    resource,
    script_text,
)
from tracer.render.explorer.still_panes import still_parts, summary_sentences
from tracer.render.explorer.still_words import words_of

DATA = "trace"
"""The id of the element with the data of the page."""


def explorer_page(content: ExplorerContent) -> str:
    """Return a page that explores a trace: a whole HTML document that loads nothing.

    Where no script runs, it shows the map, the source with the shapes of the first calls, and the
    tables. These come first in the file, so that something is painted before the rest is read.

    Raises:
        TraceError: There are no words for the language.
    """
    words_of(content.lang)
    document = explorer_document(content)
    still = "".join(still_parts(content, document))
    summary = "".join(f"<p>{escape(one)}</p>" for one in summary_sentences(content))
    heading = f"<h1>{escape(_name(content))}</h1>{summary}"
    element = explorer_element(content, document, DATA, ExplorerView(routed=True), still)
    return _page(content, document, f"<header>{heading}</header>\n<main>\n{element}</main>\n")


def framed_page(content: ExplorerContent) -> str:
    """Return the same for a frame in another page, whose colors it follows, and without more.

    Raises:
        TraceError: There are no words for the language.
    """
    words_of(content.lang)
    script = f"<script>{script_text(resource('frame_theme.js'))}</script>\n"
    document = explorer_document(content)
    element = explorer_element(content, document, DATA)
    return _page(content, document, f"{script}<main>\n{element}</main>\n")


def _page(content: ExplorerContent, document: dict[str, Any], body: str) -> str:
    """A page with its data and the component at its end."""
    title = escape(words_of(content.lang).page.format(model=content.trace.model))
    style = f"{resource('still.css')}{resource('page.css')}"
    return "".join(
        (
            f'<!DOCTYPE html>\n<html lang="{content.lang}">\n<head>\n<meta charset="utf-8">\n',
            '<meta name="viewport" content="width=device-width">\n',
            '<meta name="color-scheme" content="light dark">\n',
            '<link rel="icon" href="data:,">\n',  # or a browser asks the server for one
            f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n",
            body,
            f"{data_element(document, DATA)}\n",
            f"<script>{script_text(component_script())}</script>\n</body>\n</html>\n",
        )
    )


def _name(content: ExplorerContent) -> str:
    target = content.trace.target
    return f"{content.trace.model} ({target})" if target else content.trace.model
