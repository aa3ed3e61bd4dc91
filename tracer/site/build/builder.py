"""From the sources to the finished site: generate, build each language with MkDocs, check.

The languages are built at once, in processes that start while the models are traced.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from tracer.site.build.check_links import link_problems
from tracer.site.build.redirect import root_page
from tracer.site.build.write_parts import generate
from tracer.site.errors import SiteError

CONFIGS = {"en": "mkdocs.yml", "ko": "mkdocs.ko.yml"}
SITE_NAMES = {"en": "English", "ko": "한국어"}


def _silent(doing: str) -> None:
    """Tell nobody."""


def build(
    out: Path = Path("site"), root: Path = Path(), say: Callable[[str], None] = _silent
) -> None:
    """Build the site of the project in the folder `root` into the folder `out`.

    Each language is a folder of `out`, beside an index.html that leads to them. `out` is replaced
    when everything went well, and left as it was otherwise. `say` is told what is being done.
    Raises SiteError for a note that does not fit, a warning of MkDocs, or a dead link.
    """
    out = out.resolve()
    _require_ours(out)
    with ProcessPoolExecutor(len(CONFIGS), get_context("spawn"), _get_ready) as pool:
        pool.map(_nothing, CONFIGS)  # processes of the languages start while the models are traced
        say("Tracing the models, writing the generated parts ...")
        generate(root)
        out.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".site-", dir=out.parent) as folder:
            draft = Path(folder) / "site"
            say(f"Building {' and '.join(f'{language}/' for language in CONFIGS)} ...")
            _build_languages(root, draft, pool)
            (draft / "index.html").write_text(root_page(SITE_NAMES), encoding="utf-8")
            if problems := list(link_problems(draft)):
                raise SiteError("\n".join(problems))
            if out.exists():
                shutil.rmtree(out)
            draft.rename(out)


def _require_ours(out: Path) -> None:
    """Never replace a folder that holds anything else than a site."""
    if not out.exists():
        return
    names = {path.name for path in out.iterdir()} if out.is_dir() else {out.name}
    if not out.is_dir() or not names <= {"index.html", *CONFIGS}:
        raise SiteError(f"{out} holds other things than a site; name another folder.")


def _get_ready() -> None:
    """Import what builds a language; this takes as long as a good part of the building."""
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")  # Material advertises its successor
    for module in (
        "material.plugins.search.plugin",
        "mkdocs.commands.build",
        "tracer.site.build.mkdocs_plugin",
    ):
        import_module(module)


def _nothing(_: str) -> None:
    """What a process is given to do so that it starts."""


def _build_languages(root: Path, draft: Path, pool: ProcessPoolExecutor) -> None:
    """Each language in a process of its own. Raises SiteError with the warnings of all."""
    building = [
        pool.submit(_build_language, root / config, draft / language)
        for language, config in CONFIGS.items()
    ]
    if said := "\n".join(filter(None, [one.result() for one in building])):
        raise SiteError(said)


def _build_language(config_file: Path, out: Path) -> str:
    """Build one language; returns what is wrong with it, a line each."""
    from mkdocs.commands.build import build as mkdocs_build
    from mkdocs.config import load_config
    from mkdocs.exceptions import MkDocsException

    with _warnings() as warnings:
        try:
            config = load_config(str(config_file), site_dir=str(out), strict=True)
            mkdocs_build(config)
            (out / "404.html").unlink()  # without an address of the site it cannot know its links
        except (MkDocsException, SystemExit) as error:
            return "\n".join(f"{config_file.name}: {said}" for said in warnings or [str(error)])
    return ""


@contextmanager
def _warnings() -> Iterator[list[str]]:
    """The warnings and errors that MkDocs logs meanwhile."""
    found: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: found.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("mkdocs")
    logger.addHandler(handler)
    try:
        yield found
    finally:
        logger.removeHandler(handler)
