"""The MkDocs plugin: generates the parts that pages include, whenever something has changed.

It also makes the language links lead from each page to the same page in the other language. The
pages do not depend on it: once the parts are generated, MkDocs builds them without the plugin.
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
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from tracer.errors import TraceError
from tracer.site.build.site_address import read_site_address
from tracer.site.build.write_parts import write_generated_files
from tracer.site.content.site_content import GlossaryTerm, read_glossary
from tracer.site.pages.glossary_links import link_terms

LANGUAGE_LINK = re.compile(r'<a href="/(\w+)/" hreflang="\1"')
HEAD_LANGUAGE_TAG = re.compile(r'<link rel="alternate" href="/(\w+)/" hreflang="\1">')
WATCHED_FILES = ("assets", "glossary.yaml", "notes", "site.yaml")
SEARCH_INDEX = "search/search_index"
GLOSSARY = "glossary.html"


class NoSettings(Config):  # type: ignore[no-untyped-call]
    """The plugin has no settings."""


class SitePlugin(BasePlugin[NoSettings]):  # type: ignore[no-untyped-call]
    """Generates the parts for `mkdocs build` and `mkdocs serve`, but not for `unet-trace site`."""

    def __init__(self) -> None:
        self.generates = False
        self.serves = False
        self.address = ""
        self.glossary: tuple[GlossaryTerm, ...] = ()
        self.started = time.time()

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        """Called only if a command of MkDocs itself runs, not by `unet-trace site`."""
        self.generates = True
        self.serves = command == "serve"

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        _set_parts_folder(config)
        if self.generates:
            _require_same_code(_root(config), self.started)
        try:
            if self.generates:
                write_generated_files(_root(config))
            glossary = _root(config) / "docs" / "glossary.yaml"
            self.glossary = read_glossary(glossary) if glossary.is_file() else ()
            self.address = "" if self.serves else read_site_address(_root(config))
        except TraceError as error:
            raise PluginError(str(error)) from None
        if self.address:
            config.site_url = f"{self.address}/{Path(config.docs_dir).name}/"
        return config

    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Link the terms of the glossary, but not on its own page."""
        if page.url == GLOSSARY:
            return html
        address = posixpath.relpath(GLOSSARY, posixpath.dirname(page.url) or ".")
        return link_terms(html, self.glossary, Path(config.docs_dir).name, address)

    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        """Replace the link to ``/ko/`` by one to the same page in Korean.

        The tags in the head need absolute addresses. They are removed if the site has none.
        """
        folder = posixpath.dirname(page.url) or "."

        def same_page(match: re.Match[str]) -> str:
            address = posixpath.relpath(f"../{match[1]}/{page.url}", folder)
            return f'<a href="{address}" hreflang="{match[1]}"'

        def head_tag(match: re.Match[str]) -> str:
            address = f"{self.address}/{match[1]}/{page.url}"
            tag = f'<link rel="alternate" href="{address}" hreflang="{match[1]}">'
            return tag if self.address else ""

        return LANGUAGE_LINK.sub(same_page, HEAD_LANGUAGE_TAG.sub(head_tag, output))

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Write the search index also as a script: a page opened from disk cannot read JSON."""
        index = Path(config.site_dir) / f"{SEARCH_INDEX}.json"
        script = f"var __index = {index.read_text(encoding='utf-8')};\n"
        index.with_suffix(".js").write_text(script, encoding="utf-8")

    def on_serve(
        self, server: LiveReloadServer, *, config: MkDocsConfig, **_: Any
    ) -> LiveReloadServer:
        for name in WATCHED_FILES:
            server.watch(str(_root(config) / "docs" / name))
        return server


def _set_parts_folder(config: MkDocsConfig) -> None:
    """Resolve the folder of the parts from the project, not from where MkDocs was started."""
    snippets = config.mdx_configs.get("pymdownx.snippets", {})
    snippets["base_path"] = str(_root(config) / snippets.get("base_path", "."))


def _require_same_code(root: Path, started: float) -> None:
    """Python imports a module once, so a changed source would not match what was traced."""
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        path = Path(file) if file else None
        if path and path.is_relative_to(root) and path.exists() and path.stat().st_mtime > started:
            raise PluginError(f"{path.relative_to(root)} has changed: restart `mkdocs serve`.")


def _root(config: MkDocsConfig) -> Path:
    return Path(config.config_file_path or "mkdocs.yml").resolve().parent
