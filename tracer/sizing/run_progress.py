"""Says which run of a model begins, to whoever waits for many of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

RunListener = Callable[[str], None]
"""Called with the sizes of a run that begins."""

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


def announce_run(
    shapes: Mapping[str, tuple[int | str, ...]], settings: Mapping[str, int], what: str = ""
) -> None:
    """Announce a run at these sizes, with these constructor arguments.

    `what` runs, where that is not always the same.
    """
    listener = _listener.get()
    if listener is None:
        return
    sizes = (f"{name} {'×'.join(map(str, shape)) or 'scalar'}" for name, shape in shapes.items())
    values = (f"{name} {value}" for name, value in settings.items())
    listener(", ".join(filter(None, (what, *sizes, *values))))
