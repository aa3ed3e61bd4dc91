"""The component in a page of any kind: its element, its data, and its script."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Any

from tracer.render.explorer.document import ExplorerContent, explorer_document
from tracer.render.explorer.packed import json_text, pack

PACKED_TYPE = "application/vnd.unet-trace"
COMPONENT = "explorer.js"


@dataclass(frozen=True, slots=True)
class ExplorerView:
    """What an explorer shows, and where it begins.

    Attributes:
        panes: The names of its panes; none are all of them.
        first: The pane that is shown first where there is no room for all.
        function: The function to begin with; empty is the `forward` of the model.
        call: The call of a block to begin with.
        routed: Whether the address of the page follows what is selected.
    """

    panes: tuple[str, ...] = ()
    first: str = ""
    function: str = ""
    call: str = ""
    routed: bool = False


def explorer_element(
    content: ExplorerContent,
    document: dict[str, Any],
    data: str,
    view: ExplorerView | None = None,
    still: str = "",
) -> str:
    """Return the element of an explorer.

    Args:
        content: What is explored.
        document: Its document.
        data: The id of the element with the data.
        view: What is shown of it.
        still: The HTML that is shown where no script runs.
    """
    attributes = " ".join(_attributes(content, document, data, view or ExplorerView()))
    inside = f'\n<div class="still">{still}</div>\n' if still else ""
    return f"<unet-explorer {attributes}>{inside}</unet-explorer>\n"


def _attributes(
    content: ExplorerContent, document: dict[str, Any], data: str, view: ExplorerView
) -> Iterator[str]:
    yield f'data="#{data}"'
    yield f'lang="{content.lang}"'
    if view.panes:
        yield f'panes="{" ".join(view.panes)}"'
    if view.first:
        yield f'view="{view.first}"'
    number = document["blocks"][0]["function"]
    own_forward = document["functions"][number]["name"] if number >= 0 else ""
    if name := view.function or own_forward:
        yield f'function="{escape(name)}"'
    if view.call:
        yield f'call="{escape(view.call)}"'
    if view.routed:
        yield "routed"


def data_element(document: dict[str, Any], element_id: str) -> str:
    """Return the element that holds the data of an explorer in the page itself."""
    return f'<script type="{PACKED_TYPE}" id="{element_id}">{pack(document)}</script>'


def data_script(content: ExplorerContent, element_id: str) -> str:
    """Return a script that puts the data of an explorer into the page, for `<unet-explorer data>`.

    A page that is opened from a disk can load a script, and no other file.
    """
    return document_script(explorer_document(content), element_id)


def document_script(document: dict[str, Any], element_id: str) -> str:
    """Return the script of `data_script` for a document."""
    data = {"type": PACKED_TYPE, "id": element_id, "textContent": pack(document)}
    element = f'Object.assign(document.createElement("script"), {json_text(data)})'
    return f"document.head.append({element});\n"


def component_script() -> str:
    """Return the script that defines the component `<unet-explorer>`."""
    return resource(COMPONENT)


def resource(name: str) -> str:
    """Return the text of a file of this package."""
    return files("tracer.render.explorer").joinpath(name).read_text(encoding="utf-8")


def script_text(script: str) -> str:
    r"""Return a script as it may stand in a `<script>` element.

    >>> script_text('write("</script>")')
    'write("<\\/script>")'
    """
    return script.replace("</script", r"<\/script").replace("<!--", r"<\!--")
