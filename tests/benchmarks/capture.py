"""How long a capture takes, as a ratio to a bare forward on ``meta`` of the same model.

Run it: ``python tests/benchmarks/capture.py [PRESET ...]``. Everything is timed in one process, in
turn, after one round that is not counted; the ratio of the medians is what says something.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

import torch
from rich.console import Console
from torch.utils.flop_counter import FlopCounterMode

import reference_model
import tracer

ROUNDS = 9
PRESETS = ("tiny", "ddpm-cifar10", "ddpm-celebahq-256")


def contenders(preset: str) -> dict[str, Callable[[], object]]:
    """What is timed, by its name; the first is the yardstick."""
    with torch.device("meta"):
        model = reference_model.build(preset)
    inputs = reference_model.example_inputs(model.config, device="meta")

    def bare() -> object:
        with torch.no_grad():
            return model(**inputs)

    def counted() -> object:
        with FlopCounterMode(display=False):
            return bare()

    return {
        "bare forward on meta": bare,
        "tracer.trace, lines=False": lambda: tracer.trace(model, inputs, lines=False),
        "tracer.trace": lambda: tracer.trace(model, inputs),
        "tracer.trace, symbolic=True": lambda: tracer.trace(model, inputs, symbolic=True),
        "FlopCounterMode": counted,
    }


def medians(timed: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds by name, the rounds interleaved."""
    seconds: dict[str, list[float]] = {name: [] for name in timed}
    for turn in range(ROUNDS + 1):
        for name, run in timed.items():
            start = time.perf_counter()
            run()
            if turn:
                seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in seconds.items()}


def main(presets: list[str]) -> None:
    """Print the table."""
    console = Console()
    console.print(f"torch {torch.__version__}, Python {sys.version.split()[0]}, {ROUNDS} rounds")
    for preset in presets or PRESETS:
        found = medians(contenders(preset))
        yardstick = next(iter(found.values()))
        console.print(f"\n{preset}")
        for name, seconds in found.items():
            console.print(f"  {name:<28} {seconds * 1000:8.1f} ms  {seconds / yardstick:6.2f} x")


if __name__ == "__main__":
    main(sys.argv[1:])
