"""The command that builds a site: of one's own models, or in a checkout that of this project."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracer.cli.commands.report import PAGE_LANGUAGES
from tracer.cli.options import Option
from tracer.cli.output import write_text
from tracer.cli.sessions import running_model, status_of, traced_session
from tracer.cli.snapshots import with_options
from tracer.cli.stderr import report
from tracer.errors import TraceError, requires_extra
from tracer.target_spec import TargetSpec

if TYPE_CHECKING:
    from tracer.render.explorer.document import ExplorerContent


def _languages(context: click.Context, parameter: click.Parameter, text: str) -> tuple[str, ...]:
    """``en,ko`` as languages; an empty text names none."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(","))) if text else ()
    for name in names:
        if name not in PAGE_LANGUAGES:
            known = " and ".join(PAGE_LANGUAGES)
            raise click.BadParameter(
                f'there is no language "{name}": give {known}, or one of them.'
            )
    return names


def _folder(flags: tuple[str, ...], name: str, help: str, **settings: object) -> Option:
    kind = click.Path(file_okay=False, path_type=Path)
    return Option(name, flags, settings={"type": kind, "metavar": "DIR", "help": help, **settings})


SITE_TARGETS = Option(
    "targets", settings={"nargs": -1, "metavar": "[TARGET]...", "type": str, "required": False}
)
FOLDER = _folder(
    ("-o", "--out"),
    "out",
    "The folder for the finished site.",
    default=Path("site"),
    show_default=True,
)
NOTES = _folder(
    ("--notes",),
    "notes",
    "A folder with your notes on the lines of functions, as YAML. Files to fill in are written "
    "there for functions that have none.",
)
SOURCES = _folder(
    ("--sources",),
    "sources",
    "Keep the pages and the configuration there, to change them and build them with MkDocs.",
)
CONFIG = Option(
    "config",
    ("--config",),
    settings={
        "type": click.Path(dir_okay=False, exists=True, path_type=Path),
        "metavar": "FILE",
        "help": "A MkDocs configuration to inherit from, for another name, theme or style.",
    },
)
SITE_LANGUAGES = Option(
    "lang",
    ("--lang",),
    settings={
        "default": "",
        "metavar": "LANG[,LANG]",
        "callback": _languages,
        "help": "The languages of the site: en, ko or en,ko; default: both. If both are named, "
        "notes have to be written in both.",
    },
)


def run(
    targets: tuple[str, ...],
    both: TargetSpec,
    out: Path,
    notes: Path | None,
    sources: Path | None,
    config: Path | None,
    lang: tuple[str, ...],
) -> int:
    """Build a site that explores models, in English and Korean.

    Its pages are the map, the source with shapes, the stack, the sizes and tables.

    Several models share one site, with a page of their differences. A TARGET may have
    options of its own, in quotes. Without a TARGET, and in a checkout of unet-trace, it
    builds the site of that project.

    \b
      unet-trace site my_unet.py:UNet --input x=1x3x64x64 -o site
      unet-trace site my_unet.py:UNet --notes notes --lang en -o site
      unet-trace site "my.py:net --set ch=64" "my.py:net --set ch=32" -o site
    """
    if not targets:
        return _site_of_this_project(out, given=both != TargetSpec() or bool(notes or sources))
    specs = [with_options(TargetSpec.parse(text), both) for text in targets]
    _require_packages()
    from tracer.site.build.builder import require_site_folder
    from tracer.site.own.own_config import OwnSettings
    from tracer.site.own.own_site import build_own_site, read_own_site

    require_site_folder(out)  # before anything takes time
    contents = list(_explored(specs))
    if len(contents) < len(specs):
        return 2
    settings = OwnSettings(lang or PAGE_LANGUAGES, config.absolute() if config else None)
    site = read_own_site(contents, settings, notes, lang)
    build_own_site(site, out, sources, report)
    if notes:
        report(f"Notes to fill in: {notes}")
    write_text(f"Open {out / 'index.html'}\n", None)
    return 0


def _explored(specs: list[TargetSpec]) -> Iterator[ExplorerContent]:
    """What is explored of each model; it ends at one that fails, which is reported."""
    from tracer.reports import explored

    for spec in specs:
        session = traced_session(spec)
        if session.failure is not None:
            status_of(session)
            return
        with running_model(spec.target, f"Running {spec.target} at many sizes"):
            yield explored(session)


def _site_of_this_project(out: Path, *, given: bool) -> int:
    from tracer.site.content.site_config import PROJECT_FILE

    if given or not Path(PROJECT_FILE).is_file():
        where = "" if given else f"{Path.cwd()} has no {PROJECT_FILE}. "
        raise TraceError(
            f"{where}Name the models of the site: `unet-trace site my_unet.py:UNet -o site`. "
            "Without one, the site of unet-trace itself is built, in a checkout of that project."
        )
    _require_packages()
    from tracer.site.build.builder import build_site

    build_site(out, Path(), report)
    write_text(f"Open {out / 'index.html'}\n", None)
    return 0


def _require_packages() -> None:
    with requires_extra("site", "The site"):
        for package in ("jinja2", "mkdocs", "material"):
            import_module(package)
