"""The MkDocs plugin: it generates what pages take in, and again whenever that changes.

It also makes the links to the other languages lead from each page to its counterpart. The pages
themselves do not need it: once the parts are generated they build without.
"""

from __future__ import annotations

import posixpath
import re
import sys
import time
from pathlib import Path
from typing import Any, Literal

from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin
from mkdocs.structure.pages import Page

from tracer.errors import TraceError
from tracer.site.build.write_parts import generate

ALTERNATE = re.compile(r'<a href="/(\w+)/" hreflang="\1"')
HEAD_TAGS = re.compile(r'<link rel="alternate" href="/\w+/" hreflang="\w+">')
WATCHED = ("assets", "glossary.yaml", "notes", "site.yaml")
SEARCH_INDEX = "search/search_index"


class NoSettings(Config):  # type: ignore[no-untyped-call]
    """There is nothing to set."""


class SitePlugin(BasePlugin[NoSettings]):  # type: ignore[no-untyped-call]
    """Generates before `mkdocs build` and `mkdocs serve`; `unet-trace site` has done so itself."""

    def __init__(self) -> None:
        self.generates = False
        self.started = time.time()

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        """Only a command of MkDocs's own starts plugins up."""
        self.generates = True

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        _find_parts(config)
        if self.generates:
            _require_same_code(_root(config), self.started)
            try:
                generate(_root(config))
            except TraceError as error:
                raise PluginError(str(error)) from None
        return config

    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        """Let ``/ko/`` lead from this page to the same page in Korean.

        In the head such a link would have to be a whole address, and the site has none.
        """
        folder = posixpath.dirname(page.url) or "."

        def counterpart(found: re.Match[str]) -> str:
            address = posixpath.relpath(f"../{found[1]}/{page.url}", folder)
            return f'<a href="{address}" hreflang="{found[1]}"'

        return ALTERNATE.sub(counterpart, HEAD_TAGS.sub("", output))

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Write the search index as a script too, for a page on a disk may not read a file."""
        index = Path(config.site_dir) / f"{SEARCH_INDEX}.json"
        script = f"var __index = {index.read_text(encoding='utf-8')};\n"
        index.with_suffix(".js").write_text(script, encoding="utf-8")

    def on_serve(
        self, server: LiveReloadServer, *, config: MkDocsConfig, **_: Any
    ) -> LiveReloadServer:
        for name in WATCHED:
            server.watch(str(_root(config) / "docs" / name))
        return server


def _find_parts(config: MkDocsConfig) -> None:
    """Look for the parts below the project, wherever MkDocs was started."""
    snippets = config.mdx_configs.get("pymdownx.snippets", {})
    folders = snippets.get("base_path", [])
    snippets["base_path"] = [str(_root(config) / folder) for folder in folders]


def _require_same_code(root: Path, started: float) -> None:
    """Python reads each module once; what was traced and what is shown must be the same text."""
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        path = Path(file) if file else None
        if path and path.is_relative_to(root) and path.exists() and path.stat().st_mtime > started:
            raise PluginError(f"{path.relative_to(root)} has changed: start `mkdocs serve` again.")


def _root(config: MkDocsConfig) -> Path:
    return Path(config.config_file_path or "mkdocs.yml").resolve().parent
