"""How long a capture takes beside a bare forward and the peers: warm, and first in a process.

Warm, all are timed in one process, in turn. ``python -m tests.benchmarks.capture MODEL CONTENDER``
is one that nothing was run in before: it prints the seconds of the first, with all that the package
and PyTorch load for it.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterable
from functools import partial

from tests.benchmarks.contenders import CONTENDERS, NAMED, Contender
from tests.benchmarks.stopwatch import SLOW, Timed, Times, first_line, in_turn
from tests.benchmarks.subjects import GROWING, Subject, subject

FIRST_ROUNDS = 3
ROUNDS_GROWING, SLOW_GROWING = 5, 1.5
"""Rounds on a growing model, of which what takes longer than so many seconds runs only a few."""
LEAST_GROWING = 0.2
"""Seconds. What is faster on a growing model is run in a row, or what a first run has to fetch into
the caches of the processor would count for more on a small model than on a big one."""
PATIENCE = 5.0
"""Seconds. A contender that took longer on a growing model is not run on the next, bigger one."""
TOO_LONG = "too long"


def warm(name: str) -> dict[str, Times]:
    """The times of all contenders on one model, in this process."""
    one = subject(name)
    return in_turn({known.name: timed(known, one) for known in CONTENDERS})


def timed(known: Contender, one: Subject, least: float = 0.0) -> Timed:
    """A contender on a model."""
    return Timed(partial(known.run, one), known.ready, known.done, time.process_time, least)


def growing() -> dict[str, dict[str, Times]]:
    """The times of all contenders on the growing models; who is too slow for one leaves there."""
    found: dict[str, dict[str, Times]] = {}
    left: dict[str, str] = {}
    for name in GROWING:
        one = subject(name)
        field = [known for known in CONTENDERS if known.name not in left]
        clocks = {known.name: timed(known, one, LEAST_GROWING) for known in field}
        found[name] = in_turn(clocks, SLOW_GROWING, ROUNDS_GROWING) | {
            gone: Times(failure=why) for gone, why in left.items()
        }
        left |= dict(_leaving(found[name]))
    return found


def _leaving(times: dict[str, Times]) -> Iterable[tuple[str, str]]:
    for name, one in times.items():
        if one.failure:
            yield name, one.failure
        elif one.median > PATIENCE:
            yield name, TOO_LONG


def first(name: str) -> dict[str, Times]:
    """The times of each contender as the first thing of a process, in turn."""
    found = {known.name: Times() for known in CONTENDERS if known.ready.__name__ != "_forget"}
    for turn in range(FIRST_ROUNDS):
        for contender, times in found.items():
            slow = times.seconds and times.seconds[0] > SLOW * FIRST_ROUNDS
            if not times.failure and not (turn and slow):
                _one_first(name, contender, times)
    return found


def _one_first(name: str, contender: str, times: Times) -> None:
    words = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.capture", name, contender]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        times.failure = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
    else:
        times.seconds.append(float(done.stdout.split()[-1]))


def main(name: str, contender: str) -> None:
    """Time one contender once, and print the seconds; what it raises ends the process."""
    one, known = subject(name), NAMED[contender]
    try:
        took = Timed(partial(known.run, one), done=known.done).seconds()
    except Exception as error:  # the peer's answer
        sys.exit(first_line(error))
    sys.stdout.write(f"\n{took}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
