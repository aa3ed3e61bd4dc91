"""The record of a run of the benchmarks, which the pages are made from: docs/benchmarks.json."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.stopwatch import Times

ROOT = Path(__file__).parents[2]
RECORD = ROOT / "docs/benchmarks.json"
Measured = Mapping[str, Times]
DIGITS = 4


@dataclass(frozen=True)
class Row:
    """What a contender took for a model: the medians, in seconds; or why it took nothing.

    `first` is the time in a fresh process, where that was measured.
    """

    seconds: float | None = None
    first: float | None = None
    failure: str = ""


@dataclass(frozen=True)
class Model:
    """A model as it was measured, and the contenders' rows by name."""

    name: str
    parameters: int
    operations: int
    blocks: int
    rows: dict[str, Row]


@dataclass(frozen=True)
class Record:
    """All parts of a run. Times are in seconds, memory is in MiB.

    `memory` is by what is done, then ``cold`` and ``warm``; `growth` by what is made, then by the
    number of operations, as text; `waits` are those for commands, pictures and the site; `explorer`
    has megabytes and seconds of the reports of models in a browser.
    """

    machine: dict[str, Any] = field(default_factory=dict)
    models: list[Model] = field(default_factory=list)
    growing: list[Model] = field(default_factory=list)
    memory: dict[str, dict[str, float]] = field(default_factory=dict)
    growth: dict[str, dict[str, float]] = field(default_factory=dict)
    waits: dict[str, float] = field(default_factory=dict)
    explorer: dict[str, float] = field(default_factory=dict)

    def model(self, name: str) -> Model:
        """A model by name; KeyError if it was not measured."""
        return {one.name: one for one in (*self.models, *self.growing)}[name]


def row(warm: Times, first: Times | None) -> Row:
    """The row of a contender, from its times."""
    cold = first.median if first and first.seconds else None
    seconds = warm.median if warm.seconds and not warm.failure else None
    return Row(_short(seconds), _short(cold), warm.failure)


def _short(seconds: float | None) -> float | None:
    """A number of seconds without digits that mean nothing."""
    return None if seconds is None else float(f"{seconds:.{DIGITS}g}")


def as_text(record: Record) -> str:
    """The record as it stands in its file."""
    return json.dumps(asdict(record), indent=1, ensure_ascii=False) + "\n"


def read() -> Record:
    """The record of the last run; an empty one if there was none."""
    if not RECORD.exists():
        return Record()
    found = json.loads(RECORD.read_text("utf-8"))
    for part in ("models", "growing"):
        found[part] = [_model(one) for one in found[part]]
    return Record(**found)


def _model(found: dict[str, Any]) -> Model:
    rows = {name: Row(**row) for name, row in found.pop("rows").items()}
    return Model(rows=rows, **found)
