"""The extension for Python-Markdown: turns blocks that begin with ```unet-trace into explorers.

MkDocs and Zensical both run it. It works before fences are read, so that it needs no other
extension, and leaves blocks inside other fences as they are.
"""

from __future__ import annotations

import hashlib
import re
import sys
import textwrap
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor

from tracer.errors import SiteError
from tracer.site.blocks.block_html import explorer_of_block, page_scripts
from tracer.site.blocks.block_request import BlockRequest, parse_block
from tracer.site.models.explored_targets import explored_target
from tracer.site.models.kept_results import KeptResults

NAME = "unet-trace"
FENCE = re.compile(r"^(?P<indent>[ ]*)(?P<fence>`{3,}|~{3,})[ ]*(?P<info>[^`]*?)[ ]*$")
BEFORE_FENCES = 28
"""The priority: after line ends are made equal (30), before fences are read (25)."""
CACHE = ".cache/unet-trace"


class ExplorerBlocks(Extension):  # type: ignore[misc]
    """Explorers in Markdown.

    Settings: `lang`, the language of blocks that name none; `folder`, where the files of models
    are looked for; `cache`, the folder in it for the results of runs.
    """

    def __init__(self, **settings: Any) -> None:
        self.config = {
            "lang": ["en", "The language of blocks that name none: en or ko."],
            "folder": [".", "The folder from which the files of models are named."],
            "cache": [CACHE, "The folder in it for the results of runs."],
        }
        super().__init__(**settings)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 - the name that is called
        """Add what reads the blocks."""
        folder, cache = Path(self.getConfig("folder")), self.getConfig("cache")
        blocks = BlockPreprocessor(md, self.getConfig("lang"), folder, folder / cache)
        md.preprocessors.register(blocks, NAME, BEFORE_FENCES)
        self.blocks = blocks
        md.registerExtension(self)

    def reset(self) -> None:
        """Begin a new page."""
        self.blocks.begin_page()


class BlockPreprocessor(Preprocessor):  # type: ignore[misc]
    """Replaces the blocks of a page by explorers."""

    def __init__(self, md: Markdown, lang: str, folder: Path, cache: Path) -> None:
        super().__init__(md)
        self.lang = lang
        self.folder = folder
        self.cache = cache
        self.begin_page()

    def begin_page(self) -> None:
        """Forget the blocks of the page before."""
        self.data_ids: dict[tuple[str, int | None], str] = {}

    def run(self, lines: list[str]) -> list[str]:
        """Return the lines of a page with its blocks replaced."""
        return list(self.replaced(lines))

    def replaced(self, lines: list[str]) -> Iterator[str]:
        """The lines, each block replaced by one line that stands for its HTML."""
        number = 0
        while number < len(lines):
            opening = FENCE.match(lines[number])
            if opening is None:
                yield lines[number]
                number += 1
                continue
            last = _last_line(lines, number, opening["fence"])
            if opening["info"] == NAME:
                yield from self.block(lines[number : last + 1], number + 1, opening["indent"])
            else:
                yield from lines[number : last + 1]
            number = last + 1

    def block(self, lines: list[str], number: int, indent: str) -> Iterator[str]:
        """The lines in place of a block that begins at a line of the page."""
        text = textwrap.dedent("\n".join(lines[1:-1]))
        try:
            html = self.explorer(parse_block(text, self.lang))
        except SiteError as error:
            quoted = textwrap.indent(textwrap.dedent("\n".join(lines)), "    ")
            raise _failure(f"the block at line {number} of the text: {error}\n{quoted}") from None
        yield ""
        yield indent + self.md.htmlStash.store(html)
        yield ""

    def explorer(self, request: BlockRequest) -> str:
        """The HTML of a block; the first on a page brings the script, the first of a model data."""
        content = explored_target(request.target, self.folder, self.cache)
        scripts = "" if self.data_ids else page_scripts()
        key = str(request.target), request.depth
        is_new = key not in self.data_ids
        name = self.data_ids.setdefault(key, f"{NAME}-{len(self.data_ids) + 1}")
        asked = str(request.target), request.view, request.lang, request.depth, name, is_new
        digest = hashlib.sha256(repr(asked).encode()).hexdigest()[:16]
        make = partial(explorer_of_block, content, request, name, data=is_new)
        html = KeptResults(self.cache).get(f"block-{digest}", (content, asked), str, make)
        return html + scripts


def _last_line(lines: list[str], first: int, fence: str) -> int:
    """The index of the line that closes a fence; the last line if nothing does."""
    closing = re.compile(rf"^ *{re.escape(fence[0])}{{{len(fence)},}} *$")
    rest = range(first + 1, len(lines))
    return next((number for number in rest if closing.match(lines[number])), len(lines) - 1)


def _failure(message: str) -> Exception:
    """The error that ends a build; MkDocs shows one of its own without a traceback."""
    mkdocs = sys.modules.get("mkdocs.exceptions")
    return mkdocs.BuildError(message) if mkdocs else SiteError(message)
