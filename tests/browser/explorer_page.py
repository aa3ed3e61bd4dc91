"""Pages with an explorer of the toy UNet: with formulas, size rules, and a map inside the map."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from tests.example import FILE
from tests.render.laws import BATCH, CAUSE, CLASH, HEIGHT, LAW
from tests.render.symbolic_costs import symbolic_trace
from tests.render.unet_kinds import nested
from tracer.analysis.skips import skips
from tracer.record import Trace
from tracer.render.explorer.document import ExplorerContent, explorer_document
from tracer.render.explorer.embedded import component_script

PINNED = re.compile(r"\bpinned\b")
PAGE = """<!DOCTYPE html>
<html lang="en" data-theme="{theme}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Explorer</title>
<unet-explorer data="#trace" {attributes}></unet-explorer>
<script type="application/json" id="trace">{document}</script>
<script>{script}</script>
"""


def toy_document() -> dict[str, Any]:
    """The toy UNet in formulas. An odd H does not fit where the first skip is joined."""
    trace = symbolic_trace()
    joined = min(link.popped for link in skips(trace))
    cause = replace(CAUSE, steps=joined, mismatch=CLASH)
    height = replace(HEIGHT, causes=(cause,))
    rules = replace(LAW, rules=(BATCH, height, replace(height, name="W", causes=())))
    return document_of(trace, rules=rules)


def document_of(trace: Trace, **content: Any) -> dict[str, Any]:
    """The document of a trace of the toy UNet, with its source."""
    source = Path(FILE).read_text(encoding="utf-8")
    return explorer_document(ExplorerContent(trace, sources={FILE: source}, **content))


def nested_document() -> dict[str, Any]:
    """A UNet of UNets, each of which is one box on its map."""
    trace, _ = nested()
    return explorer_document(ExplorerContent(trace))


def write_page(
    path: Path, document: dict[str, Any], attributes: str = "", theme: str = "light"
) -> str:
    """Write a page, and return its address."""
    path.write_text(
        PAGE.format(
            theme=theme,
            attributes=attributes,
            document=json.dumps(document).replace("<", "\\u003c"),
            script=component_script().replace("</script", "<\\/script"),
        ),
        encoding="utf-8",
    )
    return path.as_uri()


def unit(page: Page, name: str) -> Locator:
    """The box of a unit on the map."""
    return page.locator(f'.map-svg .unit[aria-label^="{name}, "]')
