"""Writes a file in processes of their own, with one fault in each; run as a program.

`python -m tests.robustness.inject_faults FOLDER KIND` prints one line of JSON per fault: the call
of C that it was injected at, how the process ended, what the file holds and what is beside it.
The process imports no torch, so that a copy of it is made in a millisecond.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import BuiltinFunctionType, FrameType
from typing import Any

from tracer.atomic_write import write_whole

OLD, NEW = b"old " * 1000, b"new " * 5000
STOPPED = 77
"""The exit status of a process that raised the exception it was to raise."""


PURE = {"fspath", "fsdecode", "fsencode", "_path_normpath", "_path_splitroot_ex"}
"""Functions of modules of the operating system that do not ask it for anything."""


def system_call(function: Any) -> str:
    """The name of a function that asks the operating system for something, or nothing."""
    owner = getattr(function, "__self__", None)
    module = getattr(function, "__module__", None) or type(owner).__module__
    name = str(function.__name__)
    return name if module in {"posix", "_io", "io"} and name not in PURE else ""


@contextmanager
def fault(number: int, act: Callable[[], None], counted: Callable[[Any], object]) -> Iterator[None]:
    """Inside, `act` is called at the given call of a function of C, counted from 0."""
    seen = 0

    def watch(frame: FrameType, event: str, function: BuiltinFunctionType) -> None:
        nonlocal seen
        if event == "c_call" and counted(function) and function is not sys.setprofile:
            seen += 1
            if seen == number + 1:
                sys.setprofile(None)
                act()

    sys.setprofile(watch)
    try:
        yield
    finally:
        sys.setprofile(None)


def calls_of(function: Callable[[], object], counted: Callable[[Any], object]) -> list[str]:
    """The functions of C that a function calls where nothing disturbs it."""
    names: list[str] = []

    def watch(frame: FrameType, event: str, called: BuiltinFunctionType) -> None:
        if event == "c_call" and counted(called) and called is not sys.setprofile:
            names.append(called.__name__)

    sys.setprofile(watch)
    function()
    sys.setprofile(None)
    return names


def disk_full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def send(number: int) -> Callable[[], None]:
    return lambda: os.kill(os.getpid(), number)


KINDS: dict[str, tuple[Callable[[], None], Callable[[Any], object]]] = {
    "error": (disk_full, system_call),
    "kill": (send(signal.SIGKILL), lambda function: True),
    "interrupt": (send(signal.SIGINT), lambda function: True),
    "terminate": (send(signal.SIGTERM), lambda function: True),
}


def in_a_process(path: Path, number: int, kind: str) -> int:
    """Write with one fault in a copy of this process, and return how it ended."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 0
    try:
        with fault(number, *KINDS[kind]):
            write_whole(path, NEW)
    except (OSError, KeyboardInterrupt):
        status = STOPPED
    finally:
        os._exit(status)


def main(folder: Path, kind: str) -> None:
    path = folder / "unet.json"
    write_whole(path, OLD)  # what Python does only once is done
    write_whole(path, OLD)
    calls = calls_of(lambda: write_whole(path, NEW), KINDS[kind][1])
    for number, call in enumerate(calls):
        path.write_bytes(OLD)
        path.chmod(0o640)
        status = in_a_process(path, number, kind)
        beside = [other for other in folder.iterdir() if other != path]
        held = {OLD: "old", NEW: "new"}.get(path.read_bytes(), "neither")
        row = {
            "call": call,
            "status": status,
            "holds": held,
            "beside": [other.name for other in beside],
            "mode": path.stat().st_mode & 0o777,
        }
        sys.stdout.write(json.dumps(row) + "\n")
        for other in beside:
            for inner in other.iterdir():
                inner.unlink()
            other.rmdir()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
