"""The model's own source: the files that it is written in, and the line of them that is running."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from traceback import walk_tb
from types import CodeType, FrameType

import torch
from torch import nn

TORCH = f"{Path(torch.__file__).parent}{os.sep}"
GENERATED = "<eval_with_key>"
"""How the name of code begins that `torch.fx` has written; it stands in no file."""

SourceLine = tuple[str, int]


class UserSource:
    """The package of the model's class, and the files in which the classes of its parts stand.

    PyTorch's own files are nobody's. Helpers of another package (an einops ``rearrange``) are not
    the model's own either: what they do counts as done by the line that called them.
    """

    def __init__(self, model: nn.Module, modules: Iterable[nn.Module]) -> None:
        kinds = {kind for module in modules for kind in type(module).__mro__}
        self._files = {file for kind in kinds if (file := _file_of(kind))}
        self._package = _package_folder(type(model))
        self._own: dict[str, bool] = {}

    def __contains__(self, code: CodeType) -> bool:
        file = code.co_filename
        own = self._own.get(file)
        if own is None:
            nobodys = file.startswith((TORCH, GENERATED))
            own = self._own[file] = not nobodys and self._is_own(file)
        return own

    def _is_own(self, file: str) -> bool:
        inside = self._package is not None and file.startswith(self._package)
        return inside or file in self._files

    def place(self) -> SourceLine | None:
        """The innermost line of the model's own source that is running now."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_code not in self:
            frame = frame.f_back
        return frame and (short(frame.f_code.co_filename), frame.f_lineno)

    def place_of(self, error: BaseException) -> SourceLine | None:
        """The innermost line of the model's own source that `error` passed through."""
        place = None
        for frame, line in walk_tb(error.__traceback__):
            if frame.f_code in self:
                place = short(frame.f_code.co_filename), line
        return place


def _file_of(kind: type) -> str | None:
    forward = vars(kind).get("forward") or vars(kind).get("__init__")
    code = getattr(inspect.unwrap(forward), "__code__", None) if forward else None
    return code.co_filename if code else None


def _package_folder(kind: type) -> str | None:
    """The folder of the package that `kind` is defined in, or None for a module by itself."""
    package, dot, _ = kind.__module__.partition(".")
    file = getattr(sys.modules.get(package), "__file__", None)
    return f"{Path(file).parent}{os.sep}" if dot and file else None


@cache
def short(file: str) -> str:
    """`file` below the folder that Python imports it from: the same on every machine."""
    path = Path(file)
    roots = [Path(entry or ".").resolve() for entry in sys.path]
    inside = [root for root in roots if path.is_relative_to(root)]
    if not inside:
        return path.name
    return path.relative_to(max(inside, key=lambda root: len(root.parts))).as_posix()
