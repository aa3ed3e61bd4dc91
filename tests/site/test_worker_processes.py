"""tracer/site/worker_processes.py: processes end with the one that started them, silently."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

import tracer
from tests.conftest import ROOT
from tests.site.toy_site import make_project
from tracer.site.worker_processes import WorkerPool, worker_pool

INTERRUPTS_AT_START = """
import os, signal, sys

if "--multiprocessing-fork" in sys.argv and not os.path.exists("interrupted"):
    open("interrupted", "x").close()
    os.killpg(0, signal.SIGINT)
    for _ in range(1000):
        pass
"""
"""What Python runs in each process as it starts, as `sitecustomize`: the first one of a pool
interrupts all of them, as a terminal does."""

TRACING = "Tracing the models, writing the generated parts ..."
WAITS = """
import time
from tests.site.test_worker_processes import nothing, waits
from tracer.site.worker_processes import worker_pool

if __name__ == "__main__":
    with worker_pool(2, nothing) as pool:
        for _ in range(5):
            pool.submit(waits)
        time.sleep(600)
"""
BESIDE_ANOTHER_TRACER = """
import os, sys
from unet_trace.own_packages import import_own

if __name__ == "__main__":
    with import_own("tracer.site.worker_processes").worker_pool(1, os.getpid) as pool:
        paths = pool.submit(eval, "__import__('sys').path")
        version = pool.submit(eval, "__import__('tracer').__version__")
    assert paths.result() == sys.path
    print(version.result())
"""


def nothing() -> None:
    """What a process does at first."""


def waits() -> None:
    """A task that takes too long, and says that it has begun."""
    os.write(1, b"begun\n")
    time.sleep(600)


def square(number: int) -> int:
    return number * number


def ends() -> None:
    os._exit(3)


@contextmanager
def started(*words: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own, as a terminal starts it; nothing of it is left."""
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield process
        process.communicate(timeout=60)  # until no process holds the pipes any more
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def begun(process: subprocess.Popen[bytes], count: int) -> None:
    """Wait until tasks run."""
    assert process.stdout
    for _ in range(count):
        assert process.stdout.readline() == b"begun\n"


def test_functions_run_in_processes_that_end_after_them() -> None:
    with worker_pool(2, nothing) as pool:
        found = [pool.submit(square, number) for number in range(5)]
    assert [one.result() for one in found] == [0, 1, 4, 9, 16]


def test_a_process_finds_this_tracer_where_another_comes_first(tmp_path: Path) -> None:
    """Afterwards its search path is that of the process which started it."""
    (tmp_path / "tracer.py").write_text("raise RuntimeError('not this one')\n", encoding="utf-8")
    with started("-c", BESIDE_ANOTHER_TRACER, folder=tmp_path) as process:
        out, errors = process.communicate(timeout=60)
    assert (out.decode().strip(), errors) == (tracer.__version__, b"")


def test_a_process_that_ends_by_itself_breaks_the_pool() -> None:
    with pytest.raises(BrokenProcessPool), worker_pool(1, nothing) as pool:
        pool.submit(ends).result()


def test_after_an_exception_no_task_is_waited_for() -> None:
    began, found = time.monotonic(), []

    def fail(pool: WorkerPool) -> None:
        found.extend(pool.submit(time.sleep, 600) for _ in range(3))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), worker_pool(1, nothing) as pool:
        fail(pool)
    assert time.monotonic() - began < 500
    assert all(one.done() for one in found)


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_the_processes_end_with_the_one_that_started_them(name: str, tmp_path: Path) -> None:
    with started("-c", WAITS, folder=tmp_path) as process:
        begun(process, 2)
        process.send_signal(getattr(signal, name))


def test_a_process_that_ends_at_once_leaves_no_warning(tmp_path: Path) -> None:
    """As the second Ctrl-C ends the command, without what Python does at its end."""
    with started("-c", WAITS, folder=tmp_path) as process:
        begun(process, 2)
        process.kill()
        _, errors = process.communicate(timeout=60)
    assert errors == b""


def test_ctrl_c_while_processes_start_is_one_message(tmp_path: Path) -> None:
    make_project(tmp_path)
    (tmp_path / "sitecustomize.py").write_text(INTERRUPTS_AT_START, encoding="utf-8")
    with started("-m", "unet_trace", "site", folder=tmp_path) as process:
        out, errors = process.communicate(timeout=120)
    assert (tmp_path / "interrupted").exists()
    assert (process.returncode, out) == (130, b"")
    assert errors.decode().splitlines() in (["Interrupted."], [TRACING, "Interrupted."])
    assert not list(tmp_path.glob(".site-*"))
