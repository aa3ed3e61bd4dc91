"""Where the time of a capture goes: ``python -m tests.benchmarks.profile [MODEL]``.

It prints the share of each file in the time of `tracer.trace(model, inputs, lines=False)`, once
all is remembered of its operations; a profiler sees each block run. What C functions take counts
for the file that calls them. A profiler makes calls of Python functions dearer than they are, so
small functions weigh too much here.
"""

from __future__ import annotations

import cProfile
import pstats
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import tracer
from tests.benchmarks.subjects import subject

ROUNDS = 10
ROOT = Path(__file__).parents[2]
BUILT_IN = "~"
LEAST = 0.01
"""Shares below this are told together."""


def shares(model: str) -> dict[str, float]:
    """The share of each file, the largest first."""
    one = subject(model)
    tracer.trace(one.model, one.inputs, lines=False)
    profile = cProfile.Profile()
    for _ in range(ROUNDS):
        profile.runcall(tracer.trace, one.model, one.inputs, lines=False)
    seconds = _by_file(pstats.Stats(profile).stats)  # type: ignore[attr-defined]
    whole = sum(seconds.values())
    return {name: took / whole for name, took in seconds.most_common()}


def _by_file(stats: dict[Any, Any]) -> Counter[str]:
    found: Counter[str] = Counter()
    for (file, _, _), (_, _, own, _, callers) in stats.items():
        if file == BUILT_IN:
            for (caller, _, _), (_, _, part, _) in callers.items():
                found[_name(caller)] += part
        else:
            found[_name(file)] += own
    return found


def _name(file: str) -> str:
    """A file of ours by its path; another one by its package."""
    path = Path(file)
    if path.is_relative_to(ROOT) and "site-packages" not in path.parts:
        return path.relative_to(ROOT).as_posix()
    if "site-packages" in path.parts:
        return "/".join(path.parts[path.parts.index("site-packages") + 1 :][:3])
    return f"Python's {path.name}"


def main(model: str = "stable-diffusion-1.5") -> None:
    """Print the shares."""
    found = shares(model)
    for name, share in found.items():
        if share >= LEAST:
            sys.stdout.write(f"{share:5.1%}  {name}\n")
    rest = sum(share for share in found.values() if share < LEAST)
    sys.stdout.write(f"{rest:5.1%}  others\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
