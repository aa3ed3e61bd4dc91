"""The files that a run read, and whether they have changed since.

The results of a run are valid as long as everything that it read is the same: the model's code,
this tracer, PyTorch, and whatever the model opened. Nobody has to list these files: Python's audit
events report every file that is opened and every folder that is listed.

Not covered are files that a C library opens by itself, the clock and the network. Environment
variables are part of `environment_key`.
"""

from __future__ import annotations

import hashlib
import os
import platform
import stat
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import source_from_cache
from pathlib import Path
from typing import Any

MISSING_FILE = "missing"
CHANGED_FILE = "changed during the run"
VARIABLE_PREFIXES = ("PYTHON", "PYTORCH", "TORCH", "UNET_TRACE")
"""Environment variables with these prefixes are part of the key of a run."""
VOLATILE_FOLDERS = ("/dev/", "/proc/", "/sys/")
"""Files in these folders differ on every read."""
PACKAGE_SUFFIXES = (".py", ".so", ".pyd", ".pth", ".dist-info", ".egg-info")

FileStates = Mapping[str, str]
"""The state of each file that was read, by its path."""

_read_paths: set[str] = set()
_started_at = time.time_ns()


def record_reads() -> None:
    """Records what this process reads from now on. It cannot be turned off again."""
    sys.addaudithook(_record_read)


def _record_read(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open":
        path, _, flags = arguments
        if isinstance(path, str) and not flags & (os.O_WRONLY | os.O_RDWR):
            _read_paths.add(path if path.startswith(os.sep) else os.path.abspath(path))  # noqa: PTH100
    elif event in ("os.listdir", "os.scandir") and isinstance(arguments[0], str | None):
        _read_paths.add(os.path.abspath(arguments[0] or "."))  # noqa: PTH100


def states_of_read_files() -> FileStates:
    """Return the states of all files read since `record_reads`, and of all imported modules."""
    modules = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
    read = {*_read_paths, *filter(None, modules)}
    paths = {_source(path) for path in read if not path.startswith(VOLATILE_FOLDERS)}
    return {path: state_since_start(path) for path in sorted(paths)}


def state_since_start(path: str) -> str:
    """Return the state of a file, or `CHANGED_FILE`.

    A file that was written since the start of this process may have been read before that.
    """
    try:
        found = os.stat(path)  # noqa: PTH116 - for thousands of files
    except OSError:
        return MISSING_FILE
    is_newer = stat.S_ISREG(found.st_mode) and found.st_mtime_ns > _started_at
    return CHANGED_FILE if is_newer else file_state(path)


def merge_states(first: FileStates, second: FileStates) -> dict[str, str]:
    """Return what two runs read; a file that they found in different states has changed.

    >>> merge_states({"a": "1", "b": "1"}, {"b": "2"})
    {'a': '1', 'b': 'changed during the run'}
    """
    differ = (path for path in first.keys() & second.keys() if first[path] != second[path])
    return {**first, **second, **dict.fromkeys(differ, CHANGED_FILE)}


def _source(path: str) -> str:
    """The source of a compiled module; any other path unchanged."""
    return source_from_cache(path) if path.endswith(".pyc") and "__pycache__" in path else path


def are_unchanged(states: FileStates, known: dict[str, str] | None = None) -> bool:
    """Return whether every file is still in the state that was recorded.

    Args:
        states: What was recorded.
        known: Filled with the state of each file that is read, which is then not read again. The
            runs of one build share most of their files.
    """
    known = {} if known is None else known
    return all(_state_now(path, known) == state for path, state in states.items())


def _state_now(path: str, known: dict[str, str]) -> str:
    if path not in known:
        known[path] = file_state(path)
    return known[path]


def file_state(path: str) -> str:
    """Return a short text that changes with the content of a file or folder.

    It is a hash of a file's content or of the modules and packages in a folder. For an installed
    file, of which there are thousands, it is size and modification time.
    """
    try:
        found = os.stat(path)  # noqa: PTH116 - for thousands of files
        if stat.S_ISDIR(found.st_mode):
            return _digest("\n".join(sorted(_importable(path))).encode())
        if path.startswith((f"{sys.prefix}{os.sep}", f"{sys.base_prefix}{os.sep}")):
            return f"{found.st_size} {found.st_mtime_ns}"
        return _digest(Path(path).read_bytes())
    except OSError:
        return MISSING_FILE


def _importable(folder: str) -> Iterator[str]:
    """What can change the result of an import, or the list of installed packages."""
    for entry in os.scandir(folder):
        is_package = entry.is_dir() and os.path.exists(f"{entry.path}/__init__.py")  # noqa: PTH110
        if is_package or entry.name.endswith(PACKAGE_SUFFIXES):
            yield entry.name


def environment_key() -> Iterable[str]:
    """Yield what a run depends on besides files: interpreter, platform, environment variables."""
    yield sys.version
    yield sys.executable
    yield platform.platform()
    yield from sys.path
    for name, value in sorted(os.environ.items()):
        if name.startswith(VARIABLE_PREFIXES):
            yield f"{name}={value}"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
