"""Finds a Graphviz program and runs it on DOT source in a separate process.

The program that ``UNET_TRACE_DOT`` names comes first, then ``dot`` on the search path, then
``graphviz-pure`` of the extra ``draw``, which needs no system packages. One that cannot draw is
passed over.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from tracer.errors import TraceError, requires_extra
from tracer.render.diagram.check_drawing import drawing_problem
from tracer.render.diagram.limited_process import OutputLimitError, run_limited

DiagramFormat = Literal["svg", "png", "pdf", "dot"]
DIAGRAM_FORMATS: tuple[DiagramFormat, ...] = get_args(DiagramFormat)
DIAGRAM_SUFFIXES: dict[str, DiagramFormat] = {f".{form}": form for form in DIAGRAM_FORMATS}
DIAGRAM_SUFFIXES |= {".gv": "dot"}
KNOWN_SUFFIXES = ".svg, .png, .pdf or .dot"
"""The suffixes, for a message."""

DOT_VARIABLE = "UNET_TRACE_DOT"
BUNDLED_PROGRAM = "graphviz-pure"
TIMEOUT = 120.0
"""Seconds that the last program may take, since there is no other to pass on to."""

SHORT_TIMEOUT, SECONDS_PER_BYTE = 4.0, 1e-4
"""Seconds that any other may take, and per byte of DOT source. A U takes well under one."""

LARGEST_DRAWING = 64 * 2**20
LONGEST_MESSAGE = 200

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

    def __str__(self) -> str:
        return f"{self.name} ({self.path})"


@dataclass(frozen=True, slots=True)
class ProgramOutput:
    """What a Graphviz program wrote: the drawing, and its messages on standard error."""

    drawing: bytes
    messages: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing, and one line about the programs that could not draw it; empty without any."""

    data: bytes
    passed_over: str = ""


class CannotDrawError(TraceError):
    """A Graphviz program cannot draw. `hangs` says that it was not given more time."""

    def __init__(self, text: str, *, hangs: bool = False) -> None:
        super().__init__(text)
        self.hangs = hangs


def programs(environment: Mapping[str, str]) -> Iterator[Program]:
    """Yield the Graphviz programs of this machine, the preferred one first.

    Args:
        environment: Environment variables; ``UNET_TRACE_DOT`` and ``PATH`` are read.
    """
    path = environment.get("PATH", os.defpath)
    chosen = environment.get(DOT_VARIABLE)
    if chosen:
        yield Program(DOT_VARIABLE, chosen)
    if dot := shutil.which("dot", path=path):
        yield Program("dot", dot)
    # a virtual environment need not be on the search path
    scripts = os.pathsep.join((sysconfig.get_path("scripts"), path))
    bundled = shutil.which(BUNDLED_PROGRAM, path=scripts)
    if bundled and not (chosen and os.path.realpath(chosen) == os.path.realpath(bundled)):
        yield Program(BUNDLED_PROGRAM, bundled)


def render_dot(
    source: str,
    form: DiagramFormat,
    environment: Mapping[str, str] | None = None,
    *,
    timeout: float | None = None,
) -> bytes:
    """Return the drawing of a graph, by the first of `programs` that can draw it.

    The arguments and errors are those of `draw_dot`.

    Example:
        >>> render_dot("digraph { a -> b }", "dot")
        b'digraph { a -> b }'
    """
    return draw_dot(source, form, environment, timeout=timeout).data


def draw_dot(
    source: str,
    form: DiagramFormat,
    environment: Mapping[str, str] | None = None,
    *,
    timeout: float | None = None,
) -> Drawing:
    """Return the drawing of a graph, by the first of `programs` that can draw it.

    Args:
        source: The graph as DOT text.
        form: One of `DIAGRAM_FORMATS`. "dot" returns the source and runs no program.
        environment: Replaces the environment variables of this process.
        timeout: The limit on the run time of each program, in seconds. None is a few seconds, more
            for a large graph, and `TIMEOUT` for the last program.

    Raises:
        TraceError: There is no Graphviz, or none that can draw.
    """
    if form == "dot":
        return Drawing(source.encode())
    found = list(programs(os.environ if environment is None else environment))
    if not found:
        raise TraceError(
            f"No Graphviz program to draw {form} was found. {INSTALL}, or use the format dot, "
            "which needs none."
        )
    failures: list[str] = []
    for program in found:
        usual = TIMEOUT if program is found[-1] else SHORT_TIMEOUT + len(source) * SECONDS_PER_BYTE
        try:
            data = _draw(source, form, program, usual if timeout is None else timeout)
        except CannotDrawError as error:
            failures.append(str(error))
        else:
            told = f"{' '.join(failures)} {program.name} drew instead." if failures else ""
            return Drawing(data, told)
    raise TraceError(f"{' '.join(failures)} {ALTERNATIVES}")


def _draw(source: str, form: DiagramFormat, program: Program, timeout: float) -> bytes:
    """What one program draws. A PDF is made from its SVG if it draws no PDF itself."""
    try:
        return run_program(source, form, program, timeout).drawing
    except CannotDrawError as error:
        if form != "pdf" or error.hangs:
            raise
        svg = run_program(source, "svg", program, timeout).drawing
    # importing the converter takes a third of a second, and most runs do not need it
    with requires_extra("pdf", f"To draw a PDF, {program.name}"):
        from tracer.render.diagram.svg_to_pdf import pdf_of

    return pdf_of(svg)


def run_program(
    source: str, form: DiagramFormat, program: Program, timeout: float = TIMEOUT
) -> ProgramOutput:
    """Return what one program makes of DOT source, checked to be a whole drawing.

    Raises:
        CannotDrawError: The program fails, hangs, or writes anything else.
    """
    words = [program.path, f"-T{form}"]
    try:
        done = run_limited(words, source, timeout=timeout, limit=LARGEST_DRAWING)
    except subprocess.TimeoutExpired:
        late = f"{program} did not finish within {timeout:.3g} seconds."
        raise CannotDrawError(late, hangs=True) from None
    except OutputLimitError:
        size = f"{LARGEST_DRAWING // 2**20} MiB"
        raise CannotDrawError(f"{program} wrote more than {size}, which no drawing has.") from None
    except (OSError, ValueError) as error:  # ValueError for a path with a NUL in it
        reason = error.strerror if isinstance(error, OSError) else error
        raise CannotDrawError(f"{program} cannot be run: {reason}.") from error
    if done.status:
        raise CannotDrawError(_failure(program, form, done.status, done.messages))
    if problem := drawing_problem(done.output, form):
        raise CannotDrawError(f"{program} drew no {form}: {problem}{_detail(done.messages)}.")
    return ProgramOutput(done.output, done.messages)


def _failure(program: Program, form: DiagramFormat, status: int, messages: str) -> str:
    """What went wrong, with the last message of the program if it wrote any."""
    how = f"was killed by signal {-status}" if status < 0 else f"exited with status {status}"
    return f"{program} {how} and wrote no {form}{_detail(messages)}."


def _detail(messages: str) -> str:
    """The last message of a program, on the same line, without control characters."""
    if not messages:
        return ""
    last = messages.splitlines()[-1].strip()[:LONGEST_MESSAGE].rstrip(".")
    return ": " + "".join(one if one.isprintable() else "?" for one in last)
