"""Finds a Graphviz to draw pictures with, and runs it as another process.

The one that ``UNET_TRACE_DOT`` names comes first, then ``dot`` on the search path, then
``graphviz-pure``, which this package depends on and which needs nothing of the system.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from tracer.errors import TraceError

Format = Literal["svg", "png", "pdf", "dot"]
DRAWING_FORMATS: tuple[Format, ...] = get_args(Format)

VARIABLE = "UNET_TRACE_DOT"
BUNDLED = "graphviz-pure"
TIMEOUT = 120.0
"""Seconds. A ladder takes well under one; only the inside of a vast block may take long."""

INSTALL = (
    "Install one for this Python (`pip install graphviz-pure`) or for the whole system "
    "(`apt-get install graphviz`, `brew install graphviz`)"
)
ANOTHER = f"Set {VARIABLE} to another Graphviz, or ask for the format dot, which needs none."


@dataclass(frozen=True, slots=True)
class Program:
    """A Graphviz that can be run."""

    name: str
    path: str

    @property
    def draws_pdf(self) -> bool:
        """The bundled one does not; its SVG is turned into a PDF."""
        return Path(self.path).stem != BUNDLED


@dataclass(frozen=True, slots=True)
class DrawingFormat:
    """A picture, and what the program said while it drew."""

    picture: bytes
    messages: str


def programs(environment: Mapping[str, str]) -> Iterator[Program]:
    """The Graphviz programs of this machine, the one to prefer first."""
    path = environment.get("PATH", os.defpath)
    if named := environment.get(VARIABLE):
        yield Program(VARIABLE, named)
    if dot := shutil.which("dot", path=path):
        yield Program("dot", dot)
    # a virtual environment need not be on the search path
    scripts = os.pathsep.join((sysconfig.get_path("scripts"), path))
    if bundled := shutil.which(BUNDLED, path=scripts):
        yield Program(BUNDLED, bundled)


def rendered(
    source: str,
    form: Format,
    environment: Mapping[str, str] | None = None,
    *,
    timeout: float = TIMEOUT,
) -> bytes:
    """The picture of a graph in DOT, in one of `FORMATS`.

    `environment` stands in for the process's own, `timeout` is in seconds. Raises TraceError when
    there is no Graphviz, or the first one of `programs` fails.
    """
    if form == "dot":
        return source.encode()
    program = next(programs(os.environ if environment is None else environment), None)
    if program is None:
        raise TraceError(
            f"There is no Graphviz to draw {form} with. {INSTALL}, "
            "or ask for the format dot, which needs none."
        )
    if form == "pdf" and not program.draws_pdf:
        return _as_pdf(drawing(source, "svg", program, timeout))
    return drawing(source, form, program, timeout).picture


def drawing(source: str, form: Format, program: Program, timeout: float = TIMEOUT) -> DrawingFormat:
    """What one program makes of a graph in DOT. Raises TraceError when it fails."""
    try:
        done = subprocess.run(
            [program.path, f"-T{form}"],
            input=source.encode(),
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        late = f"{program.name} was still drawing after {timeout:g} seconds. {ANOTHER}"
        raise TraceError(late) from None
    except OSError as error:
        failure = f"{program.name} ({program.path}) cannot be run: {error.strerror}. {ANOTHER}"
        raise TraceError(failure) from error
    messages = done.stderr.decode(errors="replace").strip()
    if done.returncode or not done.stdout:
        raise TraceError(_failure(program, form, done.returncode, messages))
    return DrawingFormat(done.stdout, messages)


def _failure(program: Program, form: Format, status: int, messages: str) -> str:
    """What went wrong, in the last words of the program where it had any."""
    how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
    said = f": {messages.splitlines()[-1]}" if messages else ""
    return f"{program.name} ({program.path}) {how} and drew no {form}{said}. {ANOTHER}"


def _as_pdf(drawn: DrawingFormat) -> bytes:
    # a third of a second to import, and rarely wanted
    from tracer.render.diagram.svg_to_pdf import pdf_of

    return pdf_of(drawn.picture)
