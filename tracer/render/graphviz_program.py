"""Finds a Graphviz to draw pictures with, and runs it as another process.

The first of these that draws the format: the program that ``UNET_TRACE_DOT`` names, ``dot`` on the
search path, and what comes with Python packages: ``graphviz-pure``, which brings its own fonts and
draws the same picture on every machine, and the libraries inside ``pygraphviz``, which draw PDF too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, get_args

Format = Literal["svg", "png", "pdf", "dot"]
FORMATS: tuple[Format, ...] = get_args(Format)

VARIABLE = "UNET_TRACE_DOT"
TIMEOUT = 120.0
"""Seconds. A ladder takes well under one; only the inside of a vast block may take long."""

INSTALL = (
    "Install Graphviz for the whole system (`apt-get install graphviz`, `brew install graphviz`), "
    "or for this Python alone (`pip install graphviz-pure pygraphviz`); or ask for the format dot, "
    "which needs neither."
)


ANOTHER = f"Set {VARIABLE} to another Graphviz, or ask for the format dot, which needs none."
NAMED = f"${VARIABLE}"


class GraphvizError(RuntimeError):
    """No picture could be drawn; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Program:
    """A Graphviz: the beginning of the command that runs it, and the formats that it draws."""

    name: str
    command: tuple[str, ...]
    formats: tuple[Format, ...] = ("svg", "png", "pdf")

    def arguments(self, form: Format) -> list[str]:
        """The whole command for one format."""
        option = form if self.command[0] == sys.executable else f"-T{form}"
        return [*self.command, option]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture, and what the program said while it drew."""

    picture: bytes
    messages: str


def programs(environment: Mapping[str, str]) -> Iterator[Program]:
    """The Graphviz programs of this machine, the one to prefer first."""
    path = environment.get("PATH", os.defpath)
    named = environment.get(VARIABLE)
    if named:
        yield Program(NAMED, (named,))
    if dot := shutil.which("dot", path=path):
        yield Program("dot", (dot,))
    scripts = os.pathsep.join((sysconfig.get_path("scripts"), path))
    if pure := shutil.which("graphviz-pure", path=scripts):
        yield Program("graphviz-pure", (pure,), ("svg", "png"))
    if find_spec("pygraphviz"):
        script = Path(__file__).with_name("bundled_graphviz.py")
        yield Program("pygraphviz", (sys.executable, "-P", str(script)))


def rendered(
    source: str,
    form: Format,
    environment: Mapping[str, str] | None = None,
    *,
    timeout: float = TIMEOUT,
) -> bytes:
    """The picture of a graph in one of `FORMATS`.

    `environment` stands in for the process's own, `timeout` is in seconds for each program. A
    program that fails is passed over, but not one that the user named. Raises GraphvizError when no
    program draws the picture.
    """
    if form == "dot":
        return source.encode()
    errors = []
    for program in _fitting(form, os.environ if environment is None else environment):
        try:
            return drawing(source, form, program, timeout).picture
        except GraphvizError as error:
            errors.append(str(error))
            if program.name == NAMED:
                break
    raise GraphvizError(" ".join(errors))


def drawing(source: str, form: Format, program: Program, timeout: float = TIMEOUT) -> Drawing:
    """What one program makes of a graph. Raises GraphvizError when it fails."""
    try:
        done = subprocess.run(
            program.arguments(form),
            input=source.encode(),
            capture_output=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise GraphvizError(
            f"{program.name} was still drawing after {timeout:g} seconds. {ANOTHER}"
        ) from None
    except OSError as error:
        raise GraphvizError(
            f"{program.name} ({program.command[0]}) cannot be run: {error.strerror}. {ANOTHER}"
        ) from error
    messages = done.stderr.decode(errors="replace").strip()
    if done.returncode or not done.stdout:
        raise GraphvizError(_failure(program, form, done.returncode, messages))
    return Drawing(done.stdout, messages)


def _fitting(form: Format, environment: Mapping[str, str]) -> list[Program]:
    """The programs that draw a format, the one to prefer first. Raises GraphvizError for none."""
    found = list(programs(environment))
    fitting = [program for program in found if form in program.formats]
    if not fitting:
        names = " and ".join(program.name for program in found)
        lacking = f"{names} cannot draw {form}" if found else "no Graphviz was found"
        raise GraphvizError(f"{lacking}. {INSTALL}")
    return fitting


def _failure(program: Program, form: Format, status: int, messages: str) -> str:
    """What went wrong, in the last words of the program where it had any."""
    how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
    said = f": {messages.splitlines()[-1]}" if messages else ""
    return f"{program.name} {how} and drew no {form}{said}. {ANOTHER}"
