"""Describes an exception of the user's code in a few lines: what it is, and where it was."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path

import torch

from tracer.errors import error_line

FOREIGN = (f"{Path(torch.__file__).parent}/", f"{Path(__file__).parents[2]}/", "<frozen ")
"""Where the user's code is not: PyTorch, this package, Python's import system."""


def describe_error(error: BaseException, near: Path | None = None) -> str:
    """Return ``ValueError: no such kind``, and below it the line of the user's code.

    Args:
        error: The exception.
        near: A file. Lines in its folder are preferred to all others.
    """
    text = error_line(error)
    lines = list(_user_lines(error))
    folder = near.parent.resolve() if near else None
    nearby = [line for line in lines if folder and Path(line[0]).is_relative_to(folder)]
    for file, number, code in (nearby or lines)[-1:]:
        text += f"\n  {_relative(file)}:{number}: {code}"
    return text


def _user_lines(error: BaseException) -> Iterator[tuple[str, int, str]]:
    """File, number and text of the user's lines in the traceback, the innermost last."""
    for frame in traceback.extract_tb(error.__traceback__):
        if not frame.filename.startswith(FOREIGN):
            yield frame.filename, frame.lineno or 0, (frame.line or "").strip()
    if isinstance(error, SyntaxError) and error.filename:
        yield error.filename, error.lineno or 0, (error.text or "").strip()


def _relative(file: str) -> str:
    """The path relative to the working directory if it is inside it."""
    path = Path(file)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else file
