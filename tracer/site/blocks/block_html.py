"""The HTML of a block: the explorer, its data, its script, and what it shows without one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from tracer.errors import SiteError
from tracer.render.explorer.document import ExplorerContent, explorer_document
from tracer.render.explorer.embedded import (
    component_script,
    data_element,
    explorer_element,
    resource,
    script_text,
)
from tracer.render.explorer.still_panes import PANES, still_parts
from tracer.site.blocks.block_request import BlockRequest

LISTED = 12
"""How many names a message lists."""
STYLE = ".unet-trace-block { margin: 1.2em 0; --explorer-height: clamp(26rem, 80vh, 46rem); }"


def explorer_of_block(
    content: ExplorerContent, request: BlockRequest, data_id: str, *, data: bool
) -> str:
    """Return the explorer of a block.

    Args:
        content: What is explored.
        request: What the block asks for.
        data_id: The id of the element with the data.
        data: Whether the data are here, and not in a block above.

    Raises:
        SiteError: The model has no such function or call.
    """
    content = replace(content, lang=request.lang, depth=request.depth)
    document = explorer_document(content)
    _require_known(document, request)
    still = "".join(still_parts(content, document, request.view.panes or PANES))
    element = explorer_element(content, document, data_id, request.view, still)
    packed = data_element(document, data_id) if data else ""
    return f'<div class="unet-trace-block" data-search-exclude>{packed}{element}</div>'


def page_scripts() -> str:
    """Return the style and the script of all blocks of a page."""
    style = f"<style>{resource('still.css')}{STYLE}</style>"
    script = f"<script>{script_text(component_script())}</script>"
    return f'<div class="unet-trace-script" data-search-exclude>{style}{script}</div>'


def _require_known(document: dict[str, Any], request: BlockRequest) -> None:
    """Raise SiteError for a function or a call that the model does not have."""
    functions = [one["name"] for one in document["functions"]]
    _require("function", request.view.function, functions)
    _require("call", request.view.call, [one["call"] for one in document["blocks"] if one["call"]])


def _require(key: str, name: str, known: Collection[str]) -> None:
    if name and name not in known:
        listed = ", ".join(list(known)[:LISTED]) + (", ..." if len(known) > LISTED else "")
        raise SiteError(f'{key} is "{name}", which did not run. These did: {listed}')
