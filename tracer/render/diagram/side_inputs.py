"""The time embedding and other inputs beside the main path, in rows above the U.

A side unit often feeds every block. So its edges into the U are not drawn one by one: they end in
a stub that says how many blocks they reach.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from tracer.analysis.levels.unit_graph import Unit, UnitGraph
from tracer.escapes import shortened
from tracer.render.diagram.labels import LONGEST_LINE
from tracer.render.diagram.layout import BOX_GAP, BOX_HEIGHT, Box

SIDE_ROW_HEIGHT = BOX_HEIGHT + 14
"""The distance from one row of side inputs to the next."""

SideCell = tuple[int, int]
"""A column and a row."""


@dataclass(frozen=True, slots=True)
class Stub:
    """Where the edges from one side unit into the U end, and the units that they reach."""

    source: str
    targets: tuple[Unit, ...]

    @property
    def name(self) -> str:
        return f"{self.source} to"

    @property
    def label(self) -> str:
        """`to 22 blocks`, or the name of a single one."""
        first, *more = self.targets
        if more:
            return f"to {len(self.targets)} blocks"
        return shortened(f"to {first.label}", LONGEST_LINE)


@dataclass(frozen=True, slots=True)
class SideInputs:
    """The cells of side units and stubs by name, and the pairs of them with an edge between."""

    cells: dict[str, SideCell]
    stubs: tuple[Stub, ...]
    edges: tuple[tuple[str, str], ...]


def arrange_side_inputs(graph: UnitGraph, side: tuple[str, ...]) -> SideInputs:
    """Return the side units in columns, each to the right of all units that feed it.

    Args:
        graph: The units of the whole diagram, and the flows between them.
        side: The names of the side units, in execution order.
    """
    sources: dict[str, list[str]] = {name: [] for name in side}
    targets: dict[str, dict[str, None]] = {}
    for flow in graph.flows:
        if flow.source in sources and flow.target in sources:
            sources[flow.target].append(flow.source)
        elif flow.source in sources:
            targets.setdefault(flow.source, {})[flow.target] = None
    units = {unit.name: unit for unit in graph.units}
    stubs = tuple(
        Stub(name, tuple(map(units.__getitem__, targets[name]))) for name in side if name in targets
    )
    sources |= {stub.name: [stub.source] for stub in stubs}
    edges = {(source, name): None for name, names in sources.items() for source in names}
    return SideInputs(_cells(sources), stubs, tuple(edges))


def side_boxes(
    inputs: SideInputs, widths: Mapping[str, float], left: float, right: float
) -> dict[str, Box]:
    """Return the boxes of side units and stubs, from y = 0 downwards.

    Columns that do not fit between `left` and `right` continue below. A stub is narrow, so it stays
    beside its unit even where it ends to the right of `right`.
    """
    stubs = {stub.name for stub in inputs.stubs}
    columns: dict[int, list[str]] = {}
    for name, (column, _) in inputs.cells.items():
        columns.setdefault(column, []).append(name)
    boxes: dict[str, Box] = {}
    x, bottom, top = left, 0.0, 0.0
    for _, names in sorted(columns.items()):
        width = max(widths[name] for name in names)
        if x > left and x + width > right and not stubs.issuperset(names):
            x, top = left, bottom
        for name in names:
            y = top + inputs.cells[name][1] * SIDE_ROW_HEIGHT + BOX_HEIGHT / 2
            boxes[name] = Box(x + width / 2, y, widths[name])
            bottom = max(bottom, y + SIDE_ROW_HEIGHT - BOX_HEIGHT / 2)
        x += width + BOX_GAP
    return boxes


def _cells(sources: Mapping[str, list[str]]) -> dict[str, SideCell]:
    """Each unit in the row of its first source if that cell is free, else below it.

    Inputs that are used only later are placed last, so that the first chain stays in its row.
    """
    columns = _columns(sources)
    cells: dict[str, SideCell] = {}
    used_rows: Counter[int] = Counter()
    for name in sorted(sources, key=lambda name: not sources[name] and columns[name] > 0):
        row = max((cells[source][1] for source in sources[name][:1] if source in cells), default=0)
        cells[name] = columns[name], max(row, used_rows[columns[name]])
        used_rows[columns[name]] = cells[name][1] + 1
    return cells


def _columns(sources: Mapping[str, list[str]]) -> dict[str, int]:
    """The column of each unit; one without sources is directly before the first that uses it."""
    columns: dict[str, int] = {}
    first_use: dict[str, int] = {}
    for name, names in sources.items():
        columns[name] = max((columns[source] + 1 for source in names), default=0)
        for source in names:
            first_use[source] = min(columns[name], first_use.get(source, columns[name]))
    starts = {name: first_use[name] - 1 for name in first_use if not sources[name]}
    return columns | starts
