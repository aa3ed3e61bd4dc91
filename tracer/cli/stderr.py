"""What is said on standard error: assumptions, troubles, what was written."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tracer.cli.standard_streams import discard_rest
from tracer.escapes import visible


def report(text: str) -> None:
    """Say something, broken at words where a terminal is too narrow for a line of it.

    A message that cannot be written is lost: the exit status says the same.
    """
    with suppress(OSError, ValueError):  # if results cannot be written, the end of the run says so
        sys.stdout.flush()  # what was printed before stands before it, also in one file for both
    lines = visible(text, keep_newlines=True).splitlines()
    try:
        sys.stderr.write("\n".join(map(_wrap, lines)) + "\n")
        sys.stderr.flush()
    except (OSError, ValueError):
        discard_rest(sys.stderr)


def _wrap(line: str) -> str:
    width = shutil.get_terminal_size().columns
    if not sys.stderr.isatty() or len(line) <= width:
        return line
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.fill(
        line, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False
    )


@contextmanager
def spinner(doing: str) -> Iterator[None]:
    """Inside, a spinner turns beside what is being done, and the number and sizes of each run.

    Afterwards its line is empty again, and one line says how many runs there were, if any. Only a
    terminal shows it: nothing of it is in a log.
    """
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.text import Text

    from tracer.render.number_format import plural
    from tracer.sizing.run_progress import listening

    def line(text: str) -> Text:
        return Text(visible(text), no_wrap=True, overflow="ellipsis")

    runs: list[str] = []
    with Console(stderr=True).status(line(f"{doing} ...")) as status:

        def show(sizes: str) -> None:
            runs.append(sizes)
            status.update(line(f"{doing}: run {len(runs)}, {sizes}"))

        with listening(show):
            yield
    if runs:
        report(f"{doing}: {plural(len(runs), 'run')}.")
