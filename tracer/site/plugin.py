"""The MkDocs plugin: it generates what pages take in, and again whenever that changes.

It also makes the links to the other languages lead from each page to its counterpart. The pages
themselves do not need it: once the parts are generated they build without.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Any, Literal

from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin
from mkdocs.structure.pages import Page

from tracer.errors import TraceError
from tracer.site.generate import generate

ALTERNATE = re.compile(r'<a href="/(\w+)/" hreflang="\1"')
HEAD = re.compile(r'<link rel="alternate" href="/\w+/" hreflang="\w+">')
WATCHED = ("assets", "notes", "site.yaml")


class NoSettings(Config):
    """There is nothing to set."""


class SitePlugin(BasePlugin[NoSettings]):
    """Generates before `mkdocs build` and `mkdocs serve`; `unet-trace site` has done so itself."""

    def __init__(self) -> None:
        self.generates = False

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        """Only a command of MkDocs's own starts plugins up."""
        self.generates = True

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        if self.generates:
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

        return ALTERNATE.sub(counterpart, HEAD.sub("", output))

    def on_serve(
        self, server: LiveReloadServer, *, config: MkDocsConfig, **_: Any
    ) -> LiveReloadServer:
        for name in WATCHED:
            server.watch(str(_root(config) / "docs" / name))
        return server


def _root(config: MkDocsConfig) -> Path:
    return Path(config.config_file_path or "mkdocs.yml").resolve().parent
