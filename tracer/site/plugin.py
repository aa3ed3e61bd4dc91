"""The MkDocs plugin: it generates what pages take in, and again when that changes.

It adds nothing else: once generated, the pages build without it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin

from tracer.errors import TraceError


class SitePlugin(BasePlugin):  # type: ignore[type-arg,no-untyped-call]
    """Runs `generate` before each build, unless `unet-trace site` has just done so itself."""

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        from tracer.site.generate import generate
        try:
            generate(Path(config.config_file_path).parent)
        except TraceError as error:
            raise PluginError(str(error)) from None
        return config

    def on_serve(self, server: LiveReloadServer, config: MkDocsConfig, **_: Any) -> LiveReloadServer:
        return server
