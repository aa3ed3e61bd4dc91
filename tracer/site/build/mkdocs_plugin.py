"""The MkDocs plugin: generates the parts that pages include, whenever something has changed.

It also makes the language links lead from each page to the same page in the other language. The
pages do not depend on it: once the parts are generated, MkDocs builds them without the plugin.
"""

from __future__ import annotations

import logging
import posixpath
import re
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemBytecodeCache
from mkdocs.config.base import Config
from mkdocs.config.config_options import Type
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from tracer.errors import TraceError
from tracer.site.build.site_address import read_site_address
from tracer.site.build.write_parts import write_generated_files
from tracer.site.content.site_config import LANGUAGES, PROJECT_FILE
from tracer.site.content.site_content import GlossaryTerm, read_glossary
from tracer.site.models import cache
from tracer.site.pages.glossary_links import link_terms

LOG = logging.getLogger("mkdocs.plugins.unet-trace")
LANGUAGE_LINK = re.compile(r'<a href="/(\w+)/" hreflang="\1"')
HEAD_LANGUAGE_TAG = re.compile(r'<link rel="alternate" href="/(\w+)/" hreflang="\1">')
BLOCKS = "unet_trace.markdown"
"""The extension for blocks on pages, as a configuration names it."""
SEARCH_INDEX = "search/search_index"
GLOSSARY = "glossary.html"
NOT_FOR_THIS_PROJECT = (
    f"The plugin unet-trace does nothing here: it is for projects with {PROJECT_FILE}, and for "
    "pages that `unet-trace site TARGET` wrote. To show a model on a page, add unet_trace to "
    "markdown_extensions and write a block that begins with ```unet-trace."
)


class PluginSettings(Config):  # type: ignore[no-untyped-call]
    """The settings of the plugin: `generated` is true where `unet-trace site` wrote the pages."""

    generated = Type(bool, default=False)


class SitePlugin(BasePlugin[PluginSettings]):  # type: ignore[no-untyped-call]
    """Generates the parts for `mkdocs build` and `mkdocs serve`, but not for `unet-trace site`.

    In a project that has neither the parts nor pages of models it changes nothing, and says so.
    """

    def __init__(self) -> None:
        self.generates = False
        self.serves = False
        self.address = ""
        self.glossary: tuple[GlossaryTerm, ...] = ()
        self.is_active = True
        self.started = time.time()

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        """Called only if a command of MkDocs itself runs, not by `unet-trace site`."""
        self.generates = True
        self.serves = command == "serve"

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        is_this_project = _is_this_project(config)
        self.is_active = is_this_project or bool(self.config.get("generated"))
        if not self.is_active:
            LOG.info(NOT_FOR_THIS_PROJECT)
            return config
        _set_parts_folder(config)
        if self.generates and is_this_project:
            _require_same_code(_root(config), self.started)
        try:
            if self.generates and is_this_project:
                write_generated_files(_root(config))
            glossary = _root(config) / "docs" / "glossary.yaml"
            self.glossary = read_glossary(glossary) if glossary.is_file() else ()
            self.address = "" if self.serves else read_site_address(_root(config))
        except TraceError as error:
            raise PluginError(str(error)) from None
        if self.address:
            config.site_url = f"{self.address}/{Path(config.docs_dir).name}/"
        return config

    def on_env(self, env: Environment, *, config: MkDocsConfig, files: Files) -> Environment:
        """Keep the compiled templates of the theme: compiling takes longer than rendering."""
        if _is_this_project(config):
            folder = _root(config) / cache.CACHE_FOLDER
            folder.mkdir(exist_ok=True)
            made_by = "-".join(map(version, ("jinja2", "mkdocs")))
            env.bytecode_cache = FileSystemBytecodeCache(str(folder), f"template-%s-{made_by}")
        return env

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
        if not self.is_active:
            return output
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
        if not self.is_active or not index.is_file():  # without the plugin for searching
            return
        script = f"var __index = {index.read_text(encoding='utf-8')};\n"
        index.with_suffix(".js").write_text(script, encoding="utf-8")

    def on_serve(
        self, server: LiveReloadServer, *, config: MkDocsConfig, **_: Any
    ) -> LiveReloadServer:
        """Watch also what the parts are made from: all of ``docs`` but the pages."""
        for path in _sources(_root(config) / "docs") if _is_this_project(config) else ():
            server.watch(str(path))
        return server


def _set_parts_folder(config: MkDocsConfig) -> None:
    """Resolve folders from the project, not from where MkDocs was started."""
    snippets = config.mdx_configs.get("pymdownx.snippets", {})
    snippets["base_path"] = str(_root(config) / snippets.get("base_path", "."))
    if BLOCKS in config.markdown_extensions:
        config.mdx_configs.setdefault(BLOCKS, {}).setdefault("folder", str(_root(config)))


def _sources(docs: Path) -> list[Path]:
    """What is in ``docs`` beside the folders of languages, which MkDocs watches itself."""
    return sorted(path for path in docs.iterdir() if path.name not in LANGUAGES)


def _is_this_project(config: MkDocsConfig) -> bool:
    """Whether a project has models, notes and pages as this one has."""
    return (_root(config) / PROJECT_FILE).is_file()


def _require_same_code(root: Path, started: float) -> None:
    """Python imports a module once, so a changed source would not match what was traced."""
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        path = Path(file) if file else None
        if path and path.is_relative_to(root) and path.exists() and path.stat().st_mtime > started:
            raise PluginError(f"{path.relative_to(root)} has changed: restart `mkdocs serve`.")


def _root(config: MkDocsConfig) -> Path:
    return Path(config.config_file_path or "mkdocs.yml").resolve().parent
