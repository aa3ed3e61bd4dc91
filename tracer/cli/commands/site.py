"""The command that builds the site."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from tracer.cli.options import Option
from tracer.cli.output import write_text
from tracer.cli.stderr import report
from tracer.errors import TraceError, requires_extra

CONFIGURATION = "docs/site.yaml"
"""What only a checkout of this project has."""

FOLDER = Option(
    "out",
    ("--out",),
    settings={
        "type": click.Path(file_okay=False, path_type=Path),
        "default": Path("site"),
        "show_default": True,
        "metavar": "DIR",
        "help": "The folder for the finished site.",
    },
)


def run(out: Path) -> int:
    """Build the site of this project, in Korean and English.

    Run it in a checkout; the sources of the pages are in docs/. A model is traced
    again only if a file that its last run read has changed. A note that no longer
    matches its code is an error.
    """
    if not Path(CONFIGURATION).is_file():
        raise TraceError(
            f"{Path.cwd()} has no {CONFIGURATION}. `unet-trace site` builds the site of this "
            "project: run it in a checkout."
        )
    with requires_extra("site", "The site"):
        for package in ("jinja2", "mkdocs", "material"):
            import_module(package)
    from tracer.site.build.builder import build_site

    build_site(out, Path(), report)
    write_text(f"Open {out / 'index.html'}\n", None)
    return 0
