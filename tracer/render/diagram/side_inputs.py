"""What stands beside the main path: the time embedding and other inputs, in a strip of their own.

A side unit often feeds every block. So its flows into the ladder are not drawn one by one: a stub
says how many they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tracer.analysis.levels.unit_graph import Unit, UnitGraph
from tracer.render.diagram.layout import BLOCK_GAP, HEIGHT, Box

STEP = HEIGHT + 14
"""From one row of the strip to the next."""

StripCell = tuple[int, int]
"""A column and a row of the strip."""


@dataclass(frozen=True, slots=True)
class Stub:
    """The end of the flows from one side unit into the ladder, and the units that they reach."""

    source: str
    targets: tuple[Unit, ...]

    @property
    def name(self) -> str:
        return f"{self.source} to"

    @property
    def label(self) -> str:
        """`to 22 blocks`, or the name of a single one."""
        first, *more = self.targets
        return f"to {len(self.targets)} blocks" if more else f"to {first.label}"


@dataclass(frozen=True, slots=True)
class Strip:
    """The cells of side units and stubs, and the pairs of them that are joined by an arrow."""

    cells: dict[str, StripCell]
    stubs: tuple[Stub, ...]
    arrows: tuple[tuple[str, str], ...]


def strip(graph: UnitGraph, side: tuple[str, ...]) -> Strip:
    """Set the side units in columns, each to the right of all that it takes tensors from."""
    sources: dict[str, list[str]] = {name: [] for name in side}
    reached: dict[str, dict[str, None]] = {}
    for flow in graph.flows:
        if flow.source in sources and flow.target in sources:
            sources[flow.target].append(flow.source)
        elif flow.source in sources:
            reached.setdefault(flow.source, {})[flow.target] = None
    units = {unit.name: unit for unit in graph.units}
    stubs = tuple(
        Stub(name, tuple(map(units.__getitem__, reached[name]))) for name in side if name in reached
    )
    sources |= {stub.name: [stub.source] for stub in stubs}
    arrows = {(source, name): None for name, found in sources.items() for source in found}
    return Strip(_cells(sources), stubs, tuple(arrows))


def strip_boxes(found: Strip, widths: Mapping[str, float], left: float, right: float) -> Boxes:
    """Places from 0 downwards between two sides; what is too long goes on below.

    A stub is short, and stays behind its unit even where it stands out at the right.
    """
    stubs = {stub.name for stub in found.stubs}
    columns: dict[int, list[str]] = {}
    for name, (column, _) in found.cells.items():
        columns.setdefault(column, []).append(name)
    boxes: Boxes = {}
    x, shelf, top = left, 0.0, 0.0
    for _, names in sorted(columns.items()):
        width = max(widths[name] for name in names)
        if x > left and x + width > right and not stubs.issuperset(names):
            x, top = left, shelf
        for name in names:
            y = top + found.cells[name][1] * STEP + HEIGHT / 2
            boxes[name] = Box(x + width / 2, y, widths[name])
            shelf = max(shelf, y + STEP - HEIGHT / 2)
        x += width + BLOCK_GAP
    return boxes


def _cells(sources: Mapping[str, list[str]]) -> dict[str, StripCell]:
    """A cell in the row of what comes before, where that is free, or below.

    Inputs that join in later are set last, so that the first chain keeps its row.
    """
    columns = _columns(sources)
    cells: dict[str, StripCell] = {}
    taken: Counter[int] = Counter()
    for name in sorted(sources, key=lambda name: not sources[name] and columns[name] > 0):
        row = max((cells[source][1] for source in sources[name][:1] if source in cells), default=0)
        cells[name] = columns[name], max(row, taken[columns[name]])
        taken[columns[name]] = cells[name][1] + 1
    return cells


def _columns(sources: Mapping[str, list[str]]) -> dict[str, int]:
    """The number of each column; what takes nothing stands right before what takes from it."""
    columns: dict[str, int] = {}
    nearest: dict[str, int] = {}
    for name, before in sources.items():
        columns[name] = max((columns[source] + 1 for source in before), default=0)
        for source in before:
            nearest[source] = min(columns[name], nearest.get(source, columns[name]))
    starts = {name: nearest[name] - 1 for name in nearest if not sources[name]}
    return columns | starts


Boxes = dict[str, Box]
