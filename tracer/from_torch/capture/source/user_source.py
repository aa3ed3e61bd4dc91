"""The model's own source: the files that define it, and the line of them that is running."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from traceback import walk_tb
from types import CodeType, FrameType

import torch
from torch import nn

from tracer.escapes import escape_name

TORCH = f"{Path(torch.__file__).parent}{os.sep}"
GENERATED = "<eval_with_key>"
"""The start of the file name of code that `torch.fx` has generated."""

FileLine = tuple[str, int]
"""A file, relative to the folder it is imported from, and a line number."""


class UserSource:
    """The package of the model's class, and the files that define the classes of its modules.

    PyTorch's own files are excluded, and so are those of other packages, such as an einops
    ``rearrange``: what they do belongs to the line that called them.
    """

    def __init__(self, modules: Mapping[str, nn.Module]) -> None:
        """Collects the files of all modules of a model, which itself has the path ``""``."""
        model_class = type(modules[""])
        classes = {base for module in modules.values() for base in type(module).__mro__}
        self._files = {file for cls in classes if (file := _file_of(cls))}
        self._package = _package_folder(model_class)
        self._is_own: dict[str, bool] = {}
        self._lines: dict[FileLine, FileLine] = {}
        """The lines that ran, one object for all operations on one."""

    def __contains__(self, code: CodeType) -> bool:
        file = code.co_filename
        is_own = self._is_own.get(file)
        if is_own is None:
            is_foreign = file.startswith((TORCH, GENERATED))
            is_own = self._is_own[file] = not is_foreign and self._defines_model(file)
        return is_own

    def _defines_model(self, file: str) -> bool:
        in_package = self._package is not None and file.startswith(self._package)
        return in_package or file in self._files

    def current_line(self) -> FileLine | None:
        """Return the innermost line of the model's own source that is running now."""
        frame: FrameType | None = sys._getframe(1)
        known = self._is_own
        while frame is not None:  # asked for every operation, so without a call for each frame
            file = frame.f_code.co_filename
            if known.get(file, True) and frame.f_code in self:
                line = import_path(file), frame.f_lineno
                return self._lines.setdefault(line, line)
            frame = frame.f_back
        return None

    def line_of(self, error: BaseException) -> FileLine | None:
        """Return the innermost line of the model's own source in the traceback of `error`."""
        source_line = None
        for frame, line in walk_tb(error.__traceback__):
            if frame.f_code in self:
                source_line = import_path(frame.f_code.co_filename), line
        return source_line


def _file_of(cls: type) -> str | None:
    """The file of a class's ``forward`` or, without one, of its constructor."""
    function = vars(cls).get("forward") or vars(cls).get("__init__")
    code = getattr(inspect.unwrap(function), "__code__", None) if function else None
    return code.co_filename if code else None


def _package_folder(cls: type) -> str | None:
    """The folder of the package that defines a class, or None for a module outside a package."""
    package, dot, _ = cls.__module__.partition(".")
    file = getattr(sys.modules.get(package), "__file__", None)
    return f"{Path(file).parent}{os.sep}" if dot and file else None


@cache
def import_path(file: str) -> str:
    """Return `file` relative to the folder it is imported from: the same on every machine.

    A file outside all of these folders is given by its name.
    """
    path = Path(file)
    roots = [Path(entry or ".").resolve() for entry in sys.path]
    inside = [root for root in roots if path.is_relative_to(root)]
    if not inside:
        return escape_name(path.name)
    return escape_name(path.relative_to(max(inside, key=lambda root: len(root.parts))).as_posix())
