"""The command that writes one page about a model, for a browser."""

from __future__ import annotations

import sys

import click

from tracer.cli.options import Option
from tracer.cli.output import Destination, write_text
from tracer.cli.sessions import running_model, status_of, traced_session
from tracer.errors import TraceError
from tracer.target_spec import TargetSpec

LANGUAGES = ("en", "ko")
PAGE_LANGUAGE = Option(
    "lang",
    ("--lang",),
    settings={
        "type": click.Choice(LANGUAGES),
        "default": LANGUAGES[0],
        "metavar": "LANG",
        "help": "The language of the page: en or ko; default: en.",
    },
)


def run(target: TargetSpec, lang: str, destination: Destination) -> int:
    """Write a page that explores a model: one file for any browser.

    It holds the source of the model with the shapes of every call on each line,
    steps through the run with the skip stack, a map, the sizes at which the model
    runs, and tables. It loads nothing, and says the most of it without JavaScript.

    \b
      unet-trace report ddpm-cifar10 -o net.html
      unet-trace report my_unet.py:UNet --input x=1x3x64x64 -o net.html --lang ko
      unet-trace report trace.json -o net.html
    """
    from tracer.render.explorer.page import explorer_page
    from tracer.reports import explored

    if destination.path is None and sys.stdout.isatty():
        raise TraceError("The page needs a file, which a browser opens: add -o net.html.")
    session = traced_session(target)
    if session.failure is not None:
        return status_of(session)
    with running_model(target.target, f"Running {target.target} at many sizes"):
        content = explored(session, lang)
    write_text(explorer_page(content), destination.path)
    return 0
