"""The command that builds the site."""

from __future__ import annotations

from pathlib import Path

import click

from tracer.cli.options import Option
from tracer.cli.stderr import tell

FOLDER = Option(
    "out",
    ("--out",),
    settings={
        "type": click.Path(file_okay=False, path_type=Path),
        "default": Path("site"),
        "show_default": True,
        "metavar": "DIR",
        "help": "Where the finished site goes.",
    },
)


def run(out: Path) -> int:
    """Build the site of this project, in Korean and English.

    Run it in a checkout: the pages are written in docs/. The models are traced
    where anything that they are made of has changed, and a note that no longer
    fits its code is an error.
    """
    from tracer.site.build.builder import build_site

    build_site(out, Path(), tell)
    click.echo(f"Open {out / 'index.html'}")
    return 0
