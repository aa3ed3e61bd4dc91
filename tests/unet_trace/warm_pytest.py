"""Runs pytest in copies of one process that has imported PyTorch, which takes most of a short run.

Run as a program, it reads one line of JSON for each run and answers with the exit status.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch  # noqa: F401  each run finds it imported


class WarmPytest:
    """The process that copies itself, as the tests see it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def run(self, folder: Path, *words: str) -> pytest.RunResult:
        """What pytest does in a folder, as `runpytest_subprocess` returns it."""
        began = time.perf_counter()
        assert self.process.stdin
        assert self.process.stdout
        request = {"folder": str(folder), "words": words, "environment": dict(os.environ)}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        status = int(self.process.stdout.readline())
        lines = [
            (folder / name).read_text(encoding="utf-8").splitlines()
            for name in ("stdout", "stderr")
        ]
        return pytest.RunResult(status, *lines, time.perf_counter() - began)


@contextmanager
def warm_pytest() -> Iterator[WarmPytest]:
    """The process inside, and its end afterwards."""
    command = [sys.executable, __file__]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        yield WarmPytest(process)


def serve() -> None:
    """Answer until nothing more is asked."""
    del sys.path[0]  # the folder of this file
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if not child:
            become_pytest(Path(request["folder"]), request["words"], request["environment"])
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def become_pytest(folder: Path, words: list[str], environment: dict[str, str]) -> None:
    """Run pytest in this process, as if it had begun in the folder, and end it."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path.insert(0, str(folder))
    sys.argv = ["pytest", *words]
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    status = 70
    try:
        status = int(pytest.main())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    serve()
