"""What the numbers are held to, and whether they keep to it: ratios, so that no machine matters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.benchmarks.growth import power
from tests.benchmarks.record import Model, Record
from tests.benchmarks.subjects import ZOO

BARE, PLAIN, LINES = "bare forward", "tracer.trace, lines=False", "tracer.trace"
FORMULAS = "tracer.trace, symbolic=True"
COMMANDS = (
    ("--help", "import rich", 3.0),
    ("show trace.json", "import rich", 3.0),
    ("show ddpm-cifar10", "script", 1.1),
)
CAPTURES = {"stable-diffusion-1.5": (0.35, 0.45), "stable-diffusion-xl": (0.28, 0.33)}
"""The share of a bare forward that a trace may take, without and with lines."""

REPORTS = {"stable-diffusion-1.5": 0.6, "stable-diffusion-xl": 1.0}
"""How many megabytes the report of a model may have."""

LINEAR = 1.25
"""The power that n log n has here, with room for the noise of a measurement."""


@dataclass(frozen=True)
class Budget:
    """A limit, and what was measured. `what` is a key of the page's words, `of` fills it in."""

    what: str
    of: str
    limit: float
    measured: float
    unit: str = "x"
    least: bool = False

    @property
    def held(self) -> bool:
        """Whether what was measured keeps to the limit."""
        return self.measured >= self.limit if self.least else self.measured <= self.limit


def budgets(record: Record) -> Iterator[Budget]:
    """All budgets of what the record holds, with what was measured."""
    measured = {one.name for one in record.models}
    for name in ZOO:
        yield from _capture(record.model(name)) if name in measured else ()
    yield from _growing(record)
    for what in (PLAIN, LINES) if record.memory else ():
        yield Budget("memory", what, 30.0, record.memory[what]["cold"], "MiB")
    yield from _waits(record) if record.waits else ()
    yield from _explorer(record) if record.explorer else ()


def _growing(record: Record) -> Iterator[Budget]:
    for what in (PLAIN, LINES) if record.growing else ():
        yield Budget("flat", what, 1.2, _unevenness(record, what))
    if record.growth:
        worst = max(record.growth, key=lambda one: power_of(record, one))
        yield Budget("power", worst, LINEAR, power_of(record, worst), "")


def _capture(model: Model) -> Iterator[Budget]:
    rows = {name: row.seconds for name, row in model.rows.items() if row.seconds is not None}
    plain, lines = CAPTURES[model.name]
    yield Budget("plain", model.name, plain, rows[PLAIN] / rows[BARE])
    yield Budget("lines", model.name, lines, rows[LINES] / rows[BARE])
    first = {name: row.first for name, row in model.rows.items() if row.first is not None}
    if LINES in first and BARE in first:
        yield Budget("first", model.name, 2.5, first[LINES] / first[BARE])
    yield Budget("formulas", model.name, 2.5, rows[FORMULAS] / rows[BARE])
    for peer, times in (("torchinfo", 4.0), ("torchview", 6.0)):
        if peer in rows:
            yield Budget(peer, model.name, times, rows[peer] / rows[PLAIN], least=True)


def _unevenness(record: Record, what: str) -> float:
    """The most that an operation takes on one of the growing models, by a smaller one."""
    each = [
        one.rows[what].seconds / one.operations  # type: ignore[operator]
        for one in record.growing
    ]
    return max(more / less for i, less in enumerate(each) for more in each[i:])


def power_of(record: Record, what: str) -> float:
    """The power of the number of operations that making something grows with."""
    return power({int(size): seconds for size, seconds in record.growth[what].items()})


def _waits(record: Record) -> Iterator[Budget]:
    wait = record.waits
    for command, yardstick, limit in COMMANDS:
        yield Budget(yardstick, command, limit, wait[command] / wait[yardstick])
    alone = wait["import torch"]
    yield Budget("above", COMMANDS[-1][0], 0.35, (wait[COMMANDS[-1][0]] - alone) / alone)
    yield Budget("drawing", "", 2.0, wait["text"] + wait["picture"], "s")
    yield Budget("site", "", 20.0, wait["site"], "s")
    for what in ("note", "served"):
        yield Budget(what, "", 5.0, wait[what], "s")


def _explorer(record: Record) -> Iterator[Budget]:
    """A report is sent by mail, seen at once, and drawn at 60 frames per second."""
    for model, limit in REPORTS.items():
        yield Budget("report", model, limit, record.explorer[f"{model}, size"], "MB")
        yield Budget("paint", model, 1.0, record.explorer[f"{model}, paint"], "s")
    step = record.explorer["stable-diffusion-xl, step"]
    yield Budget("step", "stable-diffusion-xl", 16.0, step * 1e3, "ms")
