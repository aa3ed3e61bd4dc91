"""Keeps what this package makes of data alone, such as a drawing of a trace, from build to build.

A result is valid as long as everything that it was made from is the same: its inputs, this package,
the packages beside it, and the environment. The folder can be deleted at any time.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

import msgspec

from tracer.atomic_write import write_whole
from tracer.site.models.file_dependencies import (
    CHANGED_FILE,
    environment_key,
    file_state,
    state_since_start,
)
from tracer.site.worker_processes import PACKAGE_FOLDER

_T = TypeVar("_T")


class KeptResults:
    """A folder with one file per result, which is replaced when its inputs change."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, name: str, inputs: object, kind: type[_T], make: Callable[[], _T]) -> _T:
        """Return what `make` returns, or what it returned in an earlier build.

        Args:
            name: The name of the result: two results with one name replace each other.
            inputs: Everything that `make` uses, besides this package and what it imports.
            kind: The type of the result, which can be written as JSON.
            make: Makes the result.
        """
        program = program_key()
        if program is None:
            return make()
        key = hashlib.sha256(program.encode() + msgspec.json.encode((name, inputs))).digest()
        path = self._folder / f"{name}.kept"
        try:
            data = path.read_bytes()
            if data.startswith(key):
                return msgspec.json.decode(memoryview(data)[len(key) :], type=kind)
        except (OSError, msgspec.DecodeError):
            pass
        result = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, key + msgspec.json.encode(result))
        return result


@cache
def program_key() -> str | None:
    """Return a text that changes with this package, and with what is installed beside it.

    It is None if a file of the package has changed since this process started, which then does not
    run what the file says.
    """
    states = dict(_states_of_package())
    if CHANGED_FILE in states.values():
        return None
    folders = (f"{folder} {file_state(folder or '.')}" for folder in sys.path)
    files = (f"{path} {state}" for path, state in states.items())
    return hashlib.sha256("\0".join((*environment_key(), *folders, *files)).encode()).hexdigest()


def _states_of_package() -> Iterator[tuple[str, str]]:
    for path in sorted(PACKAGE_FOLDER.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            yield path.relative_to(PACKAGE_FOLDER).as_posix(), state_since_start(str(path))
