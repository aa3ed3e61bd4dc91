"""The files that a run read, and whether they still are what they were.

What was found by running a model may be kept as long as all that the run read is the same: its own
code, this tracer, PyTorch, and whatever the model opened. Nobody has to list these; the interpreter
tells of every file that is opened and every folder that is looked through.

It tells of files that Python code opens, not of what a library in C opens by itself, and not of the
clock or the network. Environment variables are told apart by `surroundings`.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import source_from_cache
from pathlib import Path
from typing import Any

MISSING = "missing"
CHANGED_FILE = "changed while the run went on"
VARIABLES = ("PYTHON", "PYTORCH", "TORCH", "UNET_TRACE")
"""How the names of the environment variables begin that belong to the surroundings."""
ELSEWHERE = ("/dev/", "/proc/", "/sys/")
"""Below these, files are the machine's answers, and other ones each time."""
PACKAGE_ENDS = (".py", ".so", ".pyd", ".pth", ".dist-info", ".egg-info")

FileStates = Mapping[str, str]
"""The state of each file that was read, by its path."""

_opened: set[str] = set()
_started = time.time_ns()


def watch() -> None:
    """Note what this process reads from now on. There is no way to stop."""
    sys.addaudithook(_note)


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        path, _, flags = arguments
        if isinstance(path, str) and not flags & (os.O_WRONLY | os.O_RDWR):
            _opened.add(path if path.startswith(os.sep) else os.path.abspath(path))  # noqa: PTH100
    elif event in ("os.listdir", "os.scandir") and isinstance(arguments[0], str | None):
        _opened.add(os.path.abspath(arguments[0] or "."))  # noqa: PTH100


def states() -> FileStates:
    """What was read since `watch`, modules that had been imported before too, and its state."""
    modules = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    read = {*_opened, *filter(None, modules)}
    paths = {_source(path) for path in read if not path.startswith(ELSEWHERE)}
    return {path: _state_since(_started, Path(path)) for path in sorted(paths)}


def _state_since(started: int, path: Path) -> str:
    """The state of a file; of one that was written since then, nobody knows which was read."""
    late = path.is_file() and path.stat().st_mtime_ns > started
    return CHANGED_FILE if late else state(path)


def joined(one: FileStates, other: FileStates) -> dict[str, str]:
    """What two runs read; of a file that one of them found otherwise, nobody knows what it held."""
    differ = (path for path in one.keys() & other.keys() if one[path] != other[path])
    return {**one, **other, **dict.fromkeys(differ, CHANGED_FILE)}


def _source(path: str) -> str:
    """The source of a compiled module; any other file is its own."""
    return source_from_cache(path) if path.endswith(".pyc") and "__pycache__" in path else path


def unchanged(known: FileStates) -> bool:
    """Whether all that was read is as it was."""
    return all(state(Path(path)) == before for path, before in known.items())


def state(path: Path) -> str:
    """What a file holds, or which modules and packages a folder does, in a few letters.

    Of an installed file, of which there are thousands, size and time tell.
    """
    try:
        if path.is_dir():
            return _digest("\n".join(sorted(_importable(path))).encode())
        if path.is_relative_to(sys.prefix) or path.is_relative_to(sys.base_prefix):
            found = path.stat()
            return f"{found.st_size} {found.st_mtime_ns}"
        return _digest(path.read_bytes())
    except OSError:
        return MISSING


def _importable(folder: Path) -> Iterator[str]:
    """What may change the meaning of an import, or the list of installed packages."""
    for entry in os.scandir(folder):
        is_package = entry.is_dir() and os.path.exists(f"{entry.path}/__init__.py")  # noqa: PTH110
        if is_package or entry.name.endswith(PACKAGE_ENDS):
            yield entry.name


def surroundings() -> Iterable[str]:
    """What a run depends on beside files: the interpreter, the machine, the environment."""
    yield sys.version
    yield sys.executable
    yield platform.platform()
    yield from sys.path
    for name, value in sorted(os.environ.items()):
        if name.startswith(VARIABLES):
            yield f"{name}={value}"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
