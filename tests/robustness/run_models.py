"""Runs the command on hostile models, each in a copy of one process that has imported torch.

`python -m tests.robustness.run_models FOLDER` prints one line of JSON per model.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import sys
import time
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

from tests.robustness import hostile_models
from tracer.cli import entry_point, main, time_limit
from tracer.cli.signals import leave_process

FILE = hostile_models.__file__
SECONDS = 1.0
"""The time that a model gets; one that ends by itself takes a tenth of it."""

PATIENCE = 60
"""Seconds after which a run that hangs is killed, so that the test fails."""


def words_for(name: str, endless: bool) -> list[str]:
    words = ["trace", f"{FILE}:{name}", "--input", "x=1x3x8x8", "-o", "out.json"]
    return [*words, "--time-limit", str(SECONDS)] if endless else words


def run(name: str, folder: Path, *, endless: bool) -> dict[str, object]:
    """Run one model in a copy of this process, and return what came of it."""
    place = folder / name
    place.mkdir()
    child = os.fork()
    if not child:
        os.chdir(place)
        for number, stream in ((1, "stdout"), (2, "stderr")):
            os.dup2(os.open(folder / f"{name}.{stream}", os.O_WRONLY | os.O_CREAT), number)
        sys.argv = ["unet-trace", *words_for(name, endless)]
        status = main()
        atexit._run_exitfuncs()
        leave_process(status)  # Python would take a second to forget all of torch
    status = _wait(child)
    result = place / "out.json"
    return {
        "status": status,
        "stdout": (folder / f"{name}.stdout").read_text(encoding="utf-8"),
        "stderr": (folder / f"{name}.stderr").read_text(encoding="utf-8"),
        "files": sorted(path.name for path in place.iterdir()),
        "result": result.read_text(encoding="utf-8") if result.exists() else "",
    }


def _wait(child: int) -> int:
    for _ in range(PATIENCE * 50):
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return -signal.SIGKILL


def run_all(folder: Path, names: list[str], endless: list[str]) -> None:
    entry_point.SECONDS_FOR_THREADS = 0.5  # type: ignore[misc]
    time_limit.INTERRUPT_GRACE = 0.5
    with redirect_stderr(StringIO()):  # what is imported only once is imported
        main([*words_for("Model", False)[:-1], str(folder / "warm-up.json")])
    for name in [*names, *endless]:
        found = run(name, folder, endless=name in endless)
        sys.stdout.write(json.dumps({"name": name, **found}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    every, never_end = (words.split(",") for words in sys.argv[2:4])
    run_all(Path(sys.argv[1]), every, never_end)
