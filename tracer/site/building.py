"""From the sources to the finished site: generate, build each language with MkDocs, check."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tracer.site.errors import SiteError
from tracer.site.generated import generate
from tracer.site.links import link_problems
from tracer.site.redirect import root_page

CONFIGS = {"en": "mkdocs.yml", "ko": "mkdocs.ko.yml"}
NAMES = {"en": "English", "ko": "한국어"}


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
    say("Tracing the models, writing the generated parts ...")
    generate(root)
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".site-", dir=out.parent) as folder:
        draft = Path(folder) / "site"
        for language, config in CONFIGS.items():
            say(f"Building {language}/ ...")
            _build_language(root / config, draft / language)
        (draft / "index.html").write_text(root_page(NAMES), encoding="utf-8")
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


def _build_language(config_file: Path, out: Path) -> None:
    os.environ.setdefault("NO_MKDOCS_2_WARNING", "1")  # Material advertises its successor
    from mkdocs.commands.build import build as mkdocs_build
    from mkdocs.config import load_config
    from mkdocs.exceptions import MkDocsException

    with _warnings() as warnings:
        try:
            config = load_config(str(config_file), site_dir=str(out), strict=True)
            mkdocs_build(config)
            (out / "404.html").unlink()  # without an address of the site it cannot know its links
        except (MkDocsException, SystemExit) as error:
            said = "\n".join(f"{config_file.name}: {warning}" for warning in warnings)
            raise SiteError(said or f"{config_file.name}: {error}") from None


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
