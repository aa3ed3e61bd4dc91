"""Processes that work for the site, and end with the process that started them."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from importlib.machinery import PathFinder
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path
from typing import ParamSpec, TypeVar

from tracer.atomic_write import deferred_signals

_P = ParamSpec("_P")
_T = TypeVar("_T")

PACKAGE = __name__.partition(".")[0]
PACKAGE_FOLDER = Path(__file__).resolve().parents[1]


class WorkerPool:
    """Runs functions in processes that are started when they are first needed."""

    def __init__(self, workers: int, prepare: Callable[[], None]) -> None:
        """Make the pool.

        Args:
            workers: The most processes that run at once.
            prepare: Called once in each process, when it starts.
        """
        _start_silent_tracker()
        context = get_context("spawn")
        self._lifeline, self._end = context.Pipe(duplex=False)
        self._search_path: list[str] = []  # as it was when the newest process started
        arguments = (self._lifeline, self._search_path, prepare)
        self._executor = ProcessPoolExecutor(workers, context, _prepare, arguments)

    def submit(
        self, function: Callable[_P, _T], *arguments: _P.args, **options: _P.kwargs
    ) -> Future[_T]:
        """Run a function in a process, which may start with it. Call it in one thread only."""
        self._search_path[:] = sys.path
        with deferred_signals(), _interrupts_blocked(), _this_package_found_first():
            return self._executor.submit(function, *arguments, **options)

    def finish(self) -> None:
        """Wait until all functions have returned, and end the processes."""
        self._executor.shutdown()
        self.stop()

    def stop(self) -> None:
        """End the processes at once, whatever they are doing."""
        with deferred_signals():
            self._end.close()
            self._executor.shutdown(cancel_futures=True)
            self._lifeline.close()


@contextmanager
def worker_pool(workers: int, prepare: Callable[[], None]) -> Iterator[WorkerPool]:
    """Give a pool, and wait for its processes; after an exception they end at once.

    Args:
        workers: The most processes that run at once.
        prepare: Called once in each process, when it starts. It can be pickled.
    """
    pool = WorkerPool(workers, prepare)
    try:
        yield pool
        pool.finish()
    except BaseException:
        pool.stop()
        raise


def _start_silent_tracker() -> None:
    """Start the process in which Python keeps count of semaphores, unless it runs already.

    When a second Ctrl-C ends this process at once, that process deletes the semaphores of the pool.
    It would also print a warning that they were left.
    """
    if os.name != "posix":  # there are no such semaphores
        return
    options = sys.warnoptions[:]
    sys.warnoptions.append("ignore:resource_tracker")  # it gets the options of this process
    try:
        resource_tracker.ensure_running()
    finally:
        sys.warnoptions[:] = options


def _prepare(lifeline: Connection, search_path: list[str], prepare: Callable[[], None]) -> None:
    """Prepare a process: Ctrl-C is for the one that started it, with which it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.path[:] = search_path
    threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()
    prepare()


def _end_with(lifeline: Connection) -> None:
    """End this process when the other end of a pipe is closed, by the parent or by its end."""
    lifeline.poll(None)
    os._exit(1)


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Inside, a process that is started does not receive Ctrl-C, not even while it starts."""
    if not hasattr(signal, "pthread_sigmask"):  # on Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _this_package_found_first() -> Iterator[None]:
    """Inside, folders with another package of this name are last on the search path.

    A process inherits the path, and imports this module by its name before it runs any code of
    this package.
    """
    before = sys.path[:]
    foreign = [folder for folder in before if _holds_another(folder)]
    others = [folder for folder in before if folder not in foreign]
    sys.path[:] = [*others, str(PACKAGE_FOLDER.parent), *foreign]
    try:
        yield
    finally:
        sys.path[:] = before


def _holds_another(folder: str) -> bool:
    """Whether a folder holds a package or file of this name that is not this package."""
    spec = PathFinder.find_spec(PACKAGE, [folder])
    origin = spec.origin if spec else None  # None, too, for a folder without __init__.py
    return origin is not None and Path(origin).resolve() != PACKAGE_FOLDER / "__init__.py"
