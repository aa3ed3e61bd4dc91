"""A site of one's own models: its sources written, and built with MkDocs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tracer.atomic_write import write_whole
from tracer.render.explorer.document import ExplorerContent
from tracer.render.explorer.embedded import COMPONENT, component_script, data_script
from tracer.site.build.builder import build_languages
from tracer.site.build.write_parts import PARTS_FOLDER, assets, write_folder
from tracer.site.content.site_content import SiteContent
from tracer.site.own.own_config import OwnSettings, config_text
from tracer.site.own.own_model import OwnModel, own_models
from tracer.site.own.own_notes import functions_of, own_content, write_empty_notes
from tracer.site.own.own_pages import OwnPages
from tracer.site.pages.model_differences import differences_part
from tracer.site.pages.urls import explorer_id

Log = Callable[[str], None]


@dataclass(frozen=True)
class OwnSite:
    """The models of a site and the notes on their functions, read and checked."""

    models: tuple[OwnModel, ...]
    content: SiteContent
    settings: OwnSettings

    @property
    def title(self) -> str:
        """The name of the site."""
        return ", ".join(dict.fromkeys(model.formulas.model for model in self.models))


def read_own_site(
    contents: Sequence[ExplorerContent],
    settings: OwnSettings,
    notes: Path | None = None,
    required: Sequence[str] = (),
) -> OwnSite:
    """Return what a site is made from.

    Args:
        contents: What is explored of each model.
        settings: How the site is built.
        notes: The folder of the notes; files for functions that have none are written there.
        required: The languages that a note with any text has to be written in.

    Raises:
        SiteError: A note does not match its code or the traces.
    """
    models = own_models(contents)
    functions = functions_of(models) if notes else {}
    if notes:
        write_empty_notes(notes, functions, settings.languages)
    content = own_content(models, notes, functions, required)
    return OwnSite(models, content, settings)


def write_sources(site: OwnSite, folder: Path) -> dict[str, Path]:
    """Write the pages, parts and configurations of a site, and return the configurations.

    Pages and configurations that are there are left as they are.

    Args:
        site: The site.
        folder: Where to; it is made.
    """
    configs = {}
    shared = dict(_shared(site))
    titled = [(model.title, model.formulas) for model in site.models]
    for language in site.settings.languages:
        differences = differences_part(titled, language)
        pages = OwnPages(site.models, site.content, language, differences)
        docs = folder / "docs" / language
        parts = {f"parts/{name}": text.encode() for name, text in pages.parts()}
        list(write_folder(docs / PARTS_FOLDER, shared | parts))
        for name, text in pages.pages():
            _write_new(docs / name, text)
        configs[language] = folder / f"mkdocs.{language}.yml"
        _write_new(configs[language], config_text(site.title, language, pages.nav(), site.settings))
    return configs


def _shared(site: OwnSite) -> Iterator[tuple[str, bytes]]:
    yield from assets()
    yield f"assets/{COMPONENT}", component_script().encode()
    for model in site.models:
        script = data_script(model.content, explorer_id(model.name))
        yield f"data/{model.name}.explorer.js", script.encode()


def _write_new(path: Path, text: str) -> None:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())


def build_own_site(site: OwnSite, out: Path, sources: Path | None, log: Log) -> None:
    """Build a site of models, whole or not at all.

    Args:
        site: The site.
        out: The folder of the finished site.
        sources: Where its sources are kept; without it they are deleted.
        log: Called with a message before each stage.

    Raises:
        SiteError: MkDocs warned, or a link is dead.
    """

    def written(folder: Path) -> dict[str, Path]:
        log("Writing the pages ...")
        return write_sources(site, sources.resolve() if sources else folder / "sources")

    build_languages(out, written, site.settings.languages, log)
