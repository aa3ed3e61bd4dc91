"""How much memory a trace takes beyond PyTorch, the model's package and its skeleton.

``python -m tests.benchmarks.memory MODEL WHAT [warm]`` is a process of its own each time: it builds
the model on ``meta``, perhaps runs it once bare (``warm``), then does WHAT, and prints by how many
MiB the most that was ever in memory has grown. It needs Linux, whose kernel tells.

PyTorch loads parts of itself at its first operation without data (its compiler, the algebra of
symbolic sizes), whether or not anyone traces. Cold, that is counted; warm, it has happened before.
"""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.contenders import NAMED
from tests.benchmarks.subjects import subject

ROUNDS = 3
WHAT = ("bare forward", "tracer.trace, lines=False", "tracer.trace")
MEBI = 1024.0


def in_memory(line: str = "VmRSS") -> float:
    """Memory of this process in MiB: now (``VmRSS``), or the most there ever was (``VmHWM``)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = next(row for row in status.splitlines() if row.startswith(f"{line}:"))
    return int(found.split()[1]) / MEBI


def taken(model: str) -> dict[str, dict[str, float]]:
    """MiB by what is done, ``cold`` and ``warm``: medians of processes."""
    return {
        what: {state: _median(model, what, state) for state in ("cold", "warm")} for what in WHAT
    }


def _median(model: str, what: str, state: str) -> float:
    words = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.memory", model, what, state]
    runs = [
        subprocess.run(words, capture_output=True, text=True, check=True) for _ in range(ROUNDS)
    ]
    return statistics.median(float(run.stdout.split()[-1]) for run in runs)


def main(model: str, what: str, state: str = "cold") -> None:
    """Do one thing, and print the MiB that it took at most."""
    one, known = subject(model), NAMED[what]
    if state == "warm":
        one.forward()
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak is that of now
    before = in_memory()
    kept = known.run(one)
    sys.stdout.write(f"\n{in_memory('VmHWM') - before:.1f}\n")
    del kept


if __name__ == "__main__":
    main(*sys.argv[1:])
