"""An exception that the user's code raised, told in a few lines: what it is, and where it was."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path

import torch

OTHERS = (f"{Path(torch.__file__).parent}/", f"{Path(__file__).parents[1]}/", "<frozen ")
"""Files whose lines say nothing to the user: PyTorch's, this package's, Python's import system."""


def described(error: BaseException, near: Path | None = None) -> str:
    """``ValueError: no such kind``, and below it the line of the user's own code that raised it.

    `near` is a file whose own lines, and those beside it, are meant before all others.
    """
    text = message(error)
    lines = list(_own_lines(error))
    beside = [
        line for line in lines if near and Path(line[0]).is_relative_to(near.parent.resolve())
    ]
    for file, number, code in (beside or lines)[-1:]:
        text += f"\n  {_from_here(file)}:{number}: {code}"
    return text


def message(error: BaseException) -> str:
    """``ValueError: no such kind``, as Python itself ends a traceback."""
    said = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {said}".rstrip(": ")


def _own_lines(error: BaseException) -> Iterator[tuple[str, int, str]]:
    """File, number and text of the lines that led to the error, the innermost last."""
    for frame in traceback.extract_tb(error.__traceback__):
        if not frame.filename.startswith(OTHERS):
            yield frame.filename, frame.lineno or 0, (frame.line or "").strip()
    if isinstance(error, SyntaxError) and error.filename:
        yield error.filename, error.lineno or 0, (error.text or "").strip()


def _from_here(file: str) -> str:
    """The path as seen from the working folder, where it lies below it."""
    path = Path(file)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else file
