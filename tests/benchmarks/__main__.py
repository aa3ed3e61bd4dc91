"""Run the benchmarks, write the record and the pages made from it, and print the tables.

``python -m tests.benchmarks [PART ...]`` measures all parts, or those named, and keeps what the
record says of the others: ``models``, ``growing``, ``memory``, ``growth``, ``waits``,
``explorer``.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from rich.console import Console

import tracer
from tests.benchmarks import capture, commands, explorers, growth, memory, pictures
from tests.benchmarks.budgets import budgets
from tests.benchmarks.machine import this_machine
from tests.benchmarks.page import page, report, sentence
from tests.benchmarks.record import RECORD, ROOT, Measured, Model, Record, as_text, read, row
from tests.benchmarks.subjects import MODELS, subject

CONSOLE = Console(stderr=True, highlight=False)


def models() -> list[Model]:
    """The models people run, warm and first in a process."""
    found = []
    for name in MODELS:
        CONSOLE.print(f"{name}: each contender in turn ...")
        warm = capture.warm(name)
        CONSOLE.print(f"{name}: each in processes of its own ...")
        found.append(_model(name, warm, capture.first(name)))
    return found


def growing() -> list[Model]:
    """The models that grow."""
    CONSOLE.print("growing models: each contender in turn ...")
    return [_model(name, times, {}) for name, times in capture.growing().items()]


def _model(name: str, warm: Measured, first: Measured) -> Model:
    one = subject(name)
    trace = tracer.trace(one.model, one.inputs, lines=False)
    rows = {known: row(times, first.get(known)) for known, times in warm.items()}
    return Model(name, one.parameters, len(trace.steps), len(trace.blocks), rows)


def _memory() -> dict[str, dict[str, float]]:
    CONSOLE.print("memory ...")
    return memory.taken(pictures.BIG)


def _growth() -> dict[str, dict[str, float]]:
    CONSOLE.print("what is made of a trace ...")
    made = growth.made()
    return {
        what: {str(size): float(f"{took:.4g}") for size, took in times.items()}
        for what, times in made.items()
    }


def _waits() -> dict[str, float]:
    CONSOLE.print("commands, pictures, the site ...")
    found = commands.waited() | pictures.drawn() | pictures.built()
    return {what: float(f"{took:.4g}") for what, took in found.items()}


def _explorer() -> dict[str, float]:
    CONSOLE.print("reports in Chromium ...")
    return {what: float(f"{found:.4g}") for what, found in explorers.in_chromium().items()}


PARTS: dict[str, Callable[[], Any]] = {
    "waits": _waits,
    "explorer": _explorer,
    "memory": _memory,
    "models": models,
    "growing": growing,
    "growth": _growth,
}
"""In the order of measuring: processes of their own first, while this one is small."""


def main(asked: list[str]) -> int:
    """Measure; 1 if a budget is not kept."""
    if unknown := set(asked) - set(PARTS):
        CONSOLE.print(
            f"There is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}."
        )
        return 2
    warnings.simplefilter("ignore")  # what the peers warn of is not ours to mend
    record = replace(read(), machine=asdict(this_machine()))
    for part in asked or PARTS:
        record = replace(record, **{part: PARTS[part]()})
        RECORD.write_text(as_text(record), "utf-8")
    return _tell(record)


def _tell(record: Record) -> int:
    for language in ("en", "ko"):
        path = ROOT / f"docs/{language}/benchmarks.md"
        path.write_text(page(record, language), "utf-8")
    sys.stdout.write(f"{report(record)}\n")
    broken = [one for one in budgets(record) if not one.held]
    for one in broken:
        CONSOLE.print(f"Not held: {sentence(one, 'en')}.")
    return int(bool(broken))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
