"""Says which run of a model begins, to whoever waits for many of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

RunListener = Callable[[str], None]
"""Is told the sizes of a run that begins."""

_listener: ContextVar[RunListener | None] = ContextVar("run_listener", default=None)


@contextmanager
def listening(listener: RunListener) -> Iterator[None]:
    """Inside, every run of a model at other sizes is announced to `listener`.

    >>> with listening(print):
    ...     announce_run({"x": (1, 3, 64, 64)}, {"ch": 32})
    x 1×3×64×64, ch 32
    """
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def announce_run(shapes: Mapping[str, tuple[int | str, ...]], settings: Mapping[str, int]) -> None:
    """Announce a run at these sizes, with these constructor arguments."""
    listener = _listener.get()
    if listener is None:
        return
    sizes = (f"{name} {'×'.join(map(str, shape))}" for name, shape in shapes.items())
    listener(", ".join((*sizes, *(f"{name} {value}" for name, value in settings.items()))))
