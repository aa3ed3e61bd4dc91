"""Writes a file completely or not at all: what reads it never finds half of it."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from types import FrameType

TEMPORARY_PREFIX = ".unet-trace-"
"""How the name of the temporary folder begins, which only a killed process leaves behind."""

DEFERRED_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file atomically: it holds all of `data`, or what it held before.

    The data is written to a new file in a temporary folder beside the target, to which nobody else
    has access, and renamed to the target. An existing file keeps its permissions; a new one gets
    those that the umask leaves. A link stays a link. A pipe, a terminal or a device is written to
    directly.

    Raises:
        OSError: The file cannot be written; it holds what it held before.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "unet.json")
    ...     write_whole(path, b"{}")
    ...     path.read_bytes()
    b'{}'
    """
    try:
        is_file = stat.S_ISREG(path.stat().st_mode)
    except FileNotFoundError:
        is_file = True
    if not is_file:  # asked before links such as /dev/stdout are resolved
        path.write_bytes(data)
        return
    path = Path(os.path.realpath(path))
    with deferred_signals():
        temporary = Path(mkdtemp(prefix=TEMPORARY_PREFIX, dir=path.parent)) / path.name
        try:
            _write_draft(temporary, data)
            if path.exists():
                _copy_permissions(path, temporary)
            temporary.replace(path)
        finally:
            with suppress(OSError):  # the file itself is as it should be
                temporary.unlink(missing_ok=True)
            with suppress(OSError):
                temporary.parent.rmdir()


def _write_draft(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())  # a rename may otherwise reach the disk before the data


def _copy_permissions(existing: Path, new: Path) -> None:
    """Give the new file the owner, if this process may do that, and the mode of the existing."""
    owner, present = existing.stat(), new.stat()
    if hasattr(os, "chown") and (owner.st_uid, owner.st_gid) != (present.st_uid, present.st_gid):
        with suppress(PermissionError):
            os.chown(new, owner.st_uid, owner.st_gid)
    shutil.copymode(existing, new)


@contextmanager
def deferred_signals() -> Iterator[None]:
    """Inside, Ctrl-C and SIGTERM wait, so that no temporary file is left; then they take effect.

    Only the main thread can receive them, so nothing changes in any other.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[int] = []

    def defer(number: int, frame: FrameType | None) -> None:
        received.append(number)

    handlers = {}
    try:
        for number in DEFERRED_SIGNALS:
            handler = signal.getsignal(number)
            if handler is not None:  # None is a handler that was not installed from Python
                handlers[number] = handler
                signal.signal(number, defer)
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for one in received:
            signal.raise_signal(one)
