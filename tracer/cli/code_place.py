"""Where the code of a model was when something ended it."""

from __future__ import annotations

import os
import sysconfig
from pathlib import Path
from types import FrameType, TracebackType

FOREIGN_FOLDERS = tuple(
    f"{folder}{os.sep}"
    for folder in (
        str(Path(__file__).parents[1]),
        *(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")),
    )
)
"""Where no line of a model is looked for: this package, Python, and installed packages."""


def place_in_stack(frame: FrameType | None) -> str:
    """Return ``model.py:12, in forward``: the innermost line of a stack that is in no package.

    Args:
        frame: The innermost frame.
    """
    while frame is not None:
        if _is_own(frame):
            return _place(frame, frame.f_lineno)
        frame = frame.f_back
    return ""


def place_of_error(error: BaseException) -> str:
    """Return the innermost line of an exception's traceback that is in no package, or nothing."""
    found, traceback = "", error.__traceback__
    while isinstance(traceback, TracebackType):
        if _is_own(traceback.tb_frame):
            found = _place(traceback.tb_frame, traceback.tb_lineno)
        traceback = traceback.tb_next
    return found


def _is_own(frame: FrameType) -> bool:
    return not frame.f_code.co_filename.startswith((*FOREIGN_FOLDERS, "<"))


def _place(frame: FrameType, line: int) -> str:
    file = Path(frame.f_code.co_filename)
    try:
        folder = Path.cwd()
    except OSError:  # it was removed
        folder = Path("/")
    shown = file.relative_to(folder) if file.is_relative_to(folder) else file
    return f"{shown}:{line}, in {frame.f_code.co_name}"
