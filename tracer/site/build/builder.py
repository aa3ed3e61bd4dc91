"""Builds the site: generates the parts, builds each language with MkDocs, checks the links.

The languages are built in parallel, in processes that start while the models are traced.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from tracer.atomic_write import deferred_signals
from tracer.errors import SiteError
from tracer.gc_pause import gc_paused
from tracer.site.build.check_links import Page, link_problems, read_pages
from tracer.site.build.replace_folder import publish
from tracer.site.build.site_address import read_site_address
from tracer.site.build.write_parts import write_generated_files
from tracer.site.pages.root_files import ROOT_FILES, files_at_root
from tracer.site.worker_processes import WorkerPool, worker_pool

CONFIGS = {"en": "mkdocs.yml", "ko": "mkdocs.ko.yml"}
LANGUAGE_NAMES = {"en": "English", "ko": "한국어"}
REPLACED_AT_ROOT = ("404.html", "sitemap.xml", "sitemap.xml.gz")
"""What MkDocs writes for each language, and the site has once, at its root."""


def _no_log(message: str) -> None:
    """Discard a message."""


def build_site(
    out: Path = Path("site"), root: Path = Path(), log: Callable[[str], None] = _no_log
) -> None:
    """Build the site of a project.

    Args:
        out: The folder of the finished site. Each language is a folder in it, beside an index.html
            that leads to them, a 404.html and, if the address of the site is set, a sitemap. It is
            replaced only if the whole build succeeds.
        root: The folder of the project, with ``docs`` and a MkDocs configuration per language.
        log: Called with a message before each stage.

    Raises:
        SiteError: A note does not match its code, MkDocs warned, or a link is dead.
    """

    def written(folder: Path) -> dict[str, Path]:
        log("Tracing the models, writing the generated parts ...")
        write_generated_files(root)
        return {language: root / config for language, config in CONFIGS.items()}

    build_languages(out, written, CONFIGS, log, read_site_address(root))


def build_languages(
    out: Path,
    write: Callable[[Path], Mapping[str, Path]],
    languages: Iterable[str],
    log: Callable[[str], None] = _no_log,
    address: str = "",
) -> None:
    """Build a site with a folder per language, and put it in its place once all of it is right.

    Args:
        out: The folder of the finished site.
        write: Writes the sources, and returns the MkDocs configuration of each language. It may
            use a folder that is deleted afterwards.
        languages: These languages; processes for them start before `write` is called.
        log: Called with a message before each stage.
        address: Where the site will be, if that is known.

    Raises:
        SiteError: MkDocs warned, or a link is dead.
    """
    out, chosen = out.resolve(), tuple(languages)
    require_site_folder(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with (
        _temporary_folder(out.parent) as folder,  # deleted when no process writes to it any more
        worker_pool(len(chosen), _import_mkdocs) as pool,
    ):
        for _ in chosen:
            pool.submit(_start_process)
        configs = write(folder)
        draft = folder / "site"
        log(f"Building {' and '.join(f'{language}/' for language in chosen)} ...")
        pages = _build_languages(configs, draft, pool)
        names = {language: LANGUAGE_NAMES[language] for language in chosen}
        for name, text in files_at_root(names, _pages(draft / chosen[0]), address):
            (draft / name).write_text(text, encoding="utf-8")
        pages |= read_pages(draft, "*.html")
        if problems := list(link_problems(draft, pages)):
            raise SiteError("\n".join(problems))
        require_site_folder(out)  # which may have changed in the meantime
        publish(draft, out)


def _pages(folder: Path) -> Iterator[str]:
    """The paths of the pages in the folder of a language."""
    for path in folder.rglob("*.html"):
        yield path.relative_to(folder).as_posix()


@contextmanager
def _temporary_folder(parent: Path) -> Iterator[Path]:
    """A folder that is deleted as a whole, also when Ctrl-C comes meanwhile."""
    temporary = TemporaryDirectory(prefix=".site-", dir=parent)
    try:
        yield Path(temporary.name)
    finally:
        with deferred_signals():
            temporary.cleanup()


def require_site_folder(out: Path) -> None:
    """Raise SiteError if a folder holds anything other than a site; it is never replaced."""
    if not out.exists():
        return
    names = {path.name for path in out.iterdir()} if out.is_dir() else {out.name}
    if not out.is_dir() or not names <= {*ROOT_FILES, *CONFIGS}:
        raise SiteError(
            f"{out} was not overwritten because it contains other files. "
            "Choose another folder with --out."
        )


def _import_mkdocs() -> None:
    """Import what builds a language, which takes about as long as the build itself."""
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")  # Material prints an advertisement otherwise
    for module in (
        "material.plugins.search.plugin",
        "mkdocs.commands.build",
        "tracer.site.build.mkdocs_plugin",
    ):
        import_module(module)


def _start_process() -> None:
    """An empty task; a process of the pool starts when it gets its first one."""


def _build_languages(configs: Mapping[str, Path], draft: Path, pool: WorkerPool) -> dict[str, Page]:
    """Build each language in its own process, and return all pages by their paths in the site.

    Raises SiteError with the warnings of all languages.
    """
    builds = [
        pool.submit(_build_language, config, draft, language)
        for language, config in configs.items()
    ]
    found = [build.result() for build in builds]
    if problems := "\n".join(filter(None, [problem for problem, _ in found])):
        raise SiteError(problems)
    return {name: page for _, pages in found for name, page in pages.items()}


def _build_language(config_file: Path, draft: Path, language: str) -> tuple[str, dict[str, Page]]:
    """Build one language, and return its problems, one per line, and its pages."""
    from mkdocs.commands.build import build as mkdocs_build
    from mkdocs.config import load_config
    from mkdocs.exceptions import MkDocsException

    with gc_paused(), _mkdocs_warnings() as warnings:
        try:
            out = draft / language
            config = load_config(str(config_file), site_dir=str(out), strict=True)
            mkdocs_build(config)
            for name in REPLACED_AT_ROOT:
                (out / name).unlink(missing_ok=True)
        except (MkDocsException, SystemExit) as error:
            texts = warnings or [str(error)]
            return "\n".join(f"{config_file.name}: {text}" for text in texts), {}
        return "", read_pages(draft, f"{language}/**/*.html")


@contextmanager
def _mkdocs_warnings() -> Iterator[list[str]]:
    """Collects the warnings and errors that MkDocs logs."""
    messages: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: messages.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("mkdocs")
    logger.addHandler(handler)
    try:
        yield messages
    finally:
        logger.removeHandler(handler)
