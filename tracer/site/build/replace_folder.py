"""Puts a finished folder in the place of an older one: there is a whole one at any moment."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from pathlib import Path

AT_FDCWD, RENAME_EXCHANGE = -100, 2
"""Constants of Linux: a path relative to the working folder, and two names that are exchanged."""

UNSUPPORTED = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP}
"""Errors of a system or a file system that cannot exchange two names."""

TRIES = 100
"""How often it is tried while another build publishes to the same folder."""


def publish(draft: Path, out: Path) -> None:
    """Move a folder to where an older one may be; the older one is then at `draft`, to be deleted.

    On Linux the two names are exchanged in one step, so that a process that is killed leaves one of
    them whole. Elsewhere there is a moment in which there is neither.

    Args:
        draft: The new folder, on the same file system.
        out: Where it is to be.

    Raises:
        OSError: The folder cannot be moved there.
    """
    for _ in range(TRIES):
        try:
            if not out.exists():
                draft.rename(out)
            elif not _exchanged(draft, out):
                aside = draft.with_name(f"{draft.name}.old")
                out.rename(aside)
                draft.rename(out)
        except OSError as error:
            # another build has moved its folder there, or away, in the meantime
            if error.errno not in {errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT}:
                raise
            if not draft.exists():
                raise
        else:
            return
    raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(out))


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; False where that is not possible."""
    if sys.platform != "linux":
        return False
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:  # a C library from before 2018
        return False
    paths = os.fsencode(one.absolute()), os.fsencode(other.absolute())
    if renameat2(AT_FDCWD, paths[0], AT_FDCWD, paths[1], RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in UNSUPPORTED:
        return False
    raise OSError(number, os.strerror(number), str(one))
