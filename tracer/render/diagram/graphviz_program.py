"""Finds a Graphviz program and runs it on DOT source in a separate process.

The program that ``UNET_TRACE_DOT`` names comes first, then ``dot`` on the search path, then
``graphviz-pure`` of the extra ``draw``, which needs no system packages.
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

from tracer.errors import TraceError, requires_extra

DiagramFormat = Literal["svg", "png", "pdf", "dot"]
DIAGRAM_FORMATS: tuple[DiagramFormat, ...] = get_args(DiagramFormat)

DOT_VARIABLE = "UNET_TRACE_DOT"
BUNDLED_PROGRAM = "graphviz-pure"
TIMEOUT = 120.0
"""Seconds. A U takes well under one; the inside of a block with hundreds of units takes long."""

INSTALL = (
    "Install one for this Python (`pip install 'unet-trace[draw]'`) or for the whole system "
    "(`apt-get install graphviz`, `brew install graphviz`)"
)
ALTERNATIVES = f"Set {DOT_VARIABLE} to another Graphviz, or use the format dot, which needs none."


@dataclass(frozen=True, slots=True)
class Program:
    """A Graphviz that can be run."""

    name: str
    path: str

    @property
    def draws_pdf(self) -> bool:
        """Whether it writes PDF itself. The bundled one does not; its SVG is converted."""
        return Path(self.path).stem != BUNDLED_PROGRAM


@dataclass(frozen=True, slots=True)
class ProgramOutput:
    """What a Graphviz program wrote: the drawing, and its messages on standard error."""

    drawing: bytes
    messages: str


def programs(environment: Mapping[str, str]) -> Iterator[Program]:
    """Yield the Graphviz programs of this machine, the preferred one first.

    Args:
        environment: Environment variables; ``UNET_TRACE_DOT`` and ``PATH`` are read.
    """
    path = environment.get("PATH", os.defpath)
    if chosen := environment.get(DOT_VARIABLE):
        yield Program(DOT_VARIABLE, chosen)
    if dot := shutil.which("dot", path=path):
        yield Program("dot", dot)
    # a virtual environment need not be on the search path
    scripts = os.pathsep.join((sysconfig.get_path("scripts"), path))
    if bundled := shutil.which(BUNDLED_PROGRAM, path=scripts):
        yield Program(BUNDLED_PROGRAM, bundled)


def render_dot(
    source: str,
    form: DiagramFormat,
    environment: Mapping[str, str] | None = None,
    *,
    timeout: float = TIMEOUT,
) -> bytes:
    """Return the drawing of a graph.

    Args:
        source: The graph as DOT text.
        form: One of `DIAGRAM_FORMATS`. "dot" returns the source and runs no program.
        environment: Replaces the environment variables of this process.
        timeout: The limit on the program's run time, in seconds.

    Raises:
        TraceError: There is no Graphviz, or the first one of `programs` fails.

    Example:
        >>> render_dot("digraph { a -> b }", "dot")
        b'digraph { a -> b }'
    """
    if form == "dot":
        return source.encode()
    program = next(programs(os.environ if environment is None else environment), None)
    if program is None:
        raise TraceError(
            f"No Graphviz program to draw {form} was found. {INSTALL}, or use the format dot, "
            "which needs none."
        )
    if form == "pdf" and not program.draws_pdf:
        return _pdf_from_svg(run_program(source, "svg", program, timeout))
    return run_program(source, form, program, timeout).drawing


def run_program(
    source: str, form: DiagramFormat, program: Program, timeout: float = TIMEOUT
) -> ProgramOutput:
    """Return what one program makes of DOT source. Raises TraceError if it fails."""
    try:
        process = subprocess.run(
            [program.path, f"-T{form}"],
            input=source.encode(),
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        late = f"{program.name} did not finish within {timeout:g} seconds. {ALTERNATIVES}"
        raise TraceError(late) from None
    except OSError as error:
        failure = f"{program.name} ({program.path}) cannot be run: {error.strerror}."
        raise TraceError(f"{failure} {ALTERNATIVES}") from error
    messages = process.stderr.decode(errors="replace").strip()
    if process.returncode or not process.stdout:
        raise TraceError(_failure(program, form, process.returncode, messages))
    return ProgramOutput(process.stdout, messages)


def _failure(program: Program, form: DiagramFormat, status: int, messages: str) -> str:
    """What went wrong, with the last message of the program if it wrote any."""
    how = f"was killed by signal {-status}" if status < 0 else f"exited with status {status}"
    detail = f": {messages.splitlines()[-1]}" if messages else ""
    return f"{program.name} ({program.path}) {how} and wrote no {form}{detail}. {ALTERNATIVES}"


def _pdf_from_svg(output: ProgramOutput) -> bytes:
    # importing the converter takes a third of a second, and most runs do not need it
    with requires_extra("pdf", f"To draw a PDF, {BUNDLED_PROGRAM}"):
        from tracer.render.diagram.svg_to_pdf import pdf_of

    return pdf_of(output.drawing)
