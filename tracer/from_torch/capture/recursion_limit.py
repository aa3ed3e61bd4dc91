"""Python's recursion limit, raised during a run of a deeply nested model where the stack allows it.

Without a limit, a recursion without end would overflow the stack, which ends the process without a
message. The limit is of the whole process, so it is raised only as far as the stacks of its threads
allow, and only for a model that needs it.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

FRAMES_PER_LEVEL: Final = 4
"""How much of the limit a call of a module takes: 3 if it is recorded, 4 by PyTorch's own way."""

FRAMES_BESIDE: Final = 500
"""How much is left for what calls the model, and for what its innermost module runs."""

BYTES_PER_FRAME: Final = 3_584
"""How much of the stack is reckoned for each call that the limit counts.

A nested module takes about 450 bytes per call, a gradient checkpoint 700, and a recursion without
end 150 to 1,750; the most found is 3,500, in a ufunc of NumPy that calls itself.
"""

PTHREAD_ATTR_BYTES: Final = 256
"""More than `pthread_attr_t` takes on any processor."""

_raised: list[int] = []
"""The limits that the runs of now need, so that the end of one does not take it from another."""
_limit_before: list[int] = []
"""The limit before the first of them."""
_lock = threading.Lock()


@contextmanager
def room_for_nesting(levels: int) -> Iterator[None]:
    """Inside, as many nested calls are allowed as a model needs, up to what the stack can hold.

    Args:
        levels: How deep the modules of the model are nested.

    >>> before = sys.getrecursionlimit()
    >>> with room_for_nesting(8):  # an ordinary model: the limit stays as it is
    ...     sys.getrecursionlimit() == before
    True
    """
    needed = FRAMES_BESIDE + FRAMES_PER_LEVEL * levels
    if needed <= min([sys.getrecursionlimit(), *_limit_before]):
        yield
        return
    limit = min(needed, smallest_stack() // BYTES_PER_FRAME)
    _raise(limit)
    try:
        yield
    finally:
        _lower(limit)


def _raise(limit: int) -> None:
    with _lock:
        if not _raised:
            _limit_before[:] = [sys.getrecursionlimit()]
        _raised.append(limit)
        if limit > sys.getrecursionlimit():
            sys.setrecursionlimit(limit)


def _lower(limit: int) -> None:
    with _lock:
        ours = max(_raised + _limit_before)
        _raised.remove(limit)
        if sys.getrecursionlimit() == ours:  # otherwise the model has set one of its own
            sys.setrecursionlimit(max(_raised + _limit_before))
        if not _raised:
            _limit_before.clear()


def smallest_stack() -> int:
    """Return the bytes of the stack of this thread or of new threads, whichever has fewer.

    It is 0 where the system does not say: only Linux is asked.
    """
    if sys.platform != "linux":
        return 0
    import ctypes

    library = ctypes.PyDLL(None)
    library.pthread_self.restype = ctypes.c_void_p
    attributes = ctypes.create_string_buffer(PTHREAD_ATTR_BYTES)
    address, here, default = ctypes.c_void_p(), ctypes.c_size_t(), ctypes.c_size_t()
    library.pthread_attr_init(attributes)
    library.pthread_attr_getstacksize(attributes, ctypes.byref(default))
    if library.pthread_getattr_np(ctypes.c_void_p(library.pthread_self()), attributes) != 0:
        return 0
    library.pthread_attr_getstack(attributes, ctypes.byref(address), ctypes.byref(here))
    library.pthread_attr_destroy(attributes)
    return min(here.value, threading.stack_size() or default.value)
