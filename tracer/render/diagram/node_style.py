"""What a unit looks like, as attributes for Graphviz; a style adds links and colours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import graphviz

from tracer.analysis.levels.spatial_sizes import find_spatial_sizes
from tracer.analysis.levels.unit_graph import Flow, Unit, UnitGraph
from tracer.record import Block, Trace
from tracer.render.diagram import labels
from tracer.render.diagram.block_shape import BlockOutline, form
from tracer.render.diagram.layout import HEIGHT

Attributes = dict[str, str]
Link = Callable[[Block], str | None]
Paint = Callable[[Attributes], Attributes]

FONT = "Helvetica"
NODE_SIZE, EDGE_SIZE = 10.0, 9.0
POINTS = 72.0
"""An inch, which is what Graphviz measures boxes in."""
PADDING = 18.0
"""What a box is wider than its words."""

GRAPH = {"fontname": FONT, "fontsize": f"{NODE_SIZE:g}", "pad": "0.1"}
NODE = {"fontname": FONT, "fontsize": f"{NODE_SIZE:g}", "fixedsize": "true"}
EDGE = {"fontname": FONT, "fontsize": f"{EDGE_SIZE:g}", "arrowsize": "0.7"}

OUTLINES: dict[BlockOutline, Attributes] = {
    "attention": {"shape": "octagon"},
    "down": {"shape": "polygon", "sides": "4", "distortion": "0.12"},
    "up": {"shape": "polygon", "sides": "4", "distortion": "0.12"},
    "convolution": {"shape": "box"},
    "plain": {"shape": "box", "style": "rounded"},
    "join": {"shape": "ellipse"},
    "operation": {"shape": "ellipse"},
    "end": {"shape": "none"},
}
"""The wide side of a trapezium is where the higher resolution is: above, in both columns."""
CUT: dict[BlockOutline, float] = {
    "attention": 1.2,
    "down": 1.1,
    "up": 1.1,
    "join": 1.3,
    "operation": 1.3,
}
"""How many times wider a box is whose corners are cut."""
SLANT: dict[BlockOutline, float] = {"down": 0.039, "up": 0.039}
"""How far in the sides of a trapezium are half way down, as a part of its width."""


def black(attributes: Attributes) -> Attributes:
    """No colours, for a style sheet to add them."""
    return attributes


@dataclass(frozen=True)
class Style:
    """`link` says where a block leads to, if anywhere; `paint` colours whatever is drawn."""

    link: Link | None = None
    paint: Paint = black


PLAIN_NODE = Style()


@dataclass(frozen=True)
class Marks:
    """The look of the units of one graph; `shapes` says whether a box tells what it puts out."""

    ids: dict[str, str]
    forms: dict[str, BlockOutline]
    tags: dict[str, tuple[str, ...]]
    style: Style = PLAIN_NODE
    shapes: bool = True

    def width(self, unit: Unit) -> float:
        """The width in points that a unit needs."""
        cut = CUT.get(self.forms[unit.name], 1.0)
        return labels.room(self.lines(unit), NODE_SIZE) * cut + PADDING

    def lines(self, unit: Unit) -> tuple[str, ...]:
        """What stands in the box of a unit."""
        return labels.lines(unit, shapes=self.shapes)

    def slant(self, unit: Unit, width: float) -> float:
        """How far in the sides of a unit are half way down."""
        return width * SLANT.get(self.forms[unit.name], 0.0)

    def unit(self, unit: Unit, width: float) -> Attributes:
        """A unit: its words, its outline, its id and classes, what it says when pointed at."""
        shown = self.forms[unit.name]
        attributes = {
            "id": self.ids[unit.name],
            "class": " ".join(("unit", shown, *self.tags.get(unit.name, ()))),
            "label": r"\n".join(map(graphviz.escape, self.lines(unit))),
            "tooltip": labels.spoken(unit),
            **size_of(width),
            **OUTLINES[shown],
        }
        link = self.style.link
        target = link(unit.block) if link and unit.block else None
        return self.style.paint(attributes | ({"URL": target} if target else {}))


def marks(trace: Trace, graph: UnitGraph, roles: dict[str, str], style: Style) -> Marks:
    """The look of a graph; a unit at either end of a skip is tagged with its number."""
    tags = {name: [role] for name, role in roles.items()}
    for flow in graph.flows:
        for end in (flow.source, flow.target) if flow.skip else ():
            tags.setdefault(end, []).append(skip_tag(flow))
    where = find_spatial_sizes(trace)
    return Marks(
        ids=identifiers(unit.name for unit in graph.units),
        forms={unit.name: form(unit, trace, where) for unit in graph.units},
        tags={name: tuple(dict.fromkeys(tags[name])) for name in tags},
        style=style,
    )


def size_of(width: float) -> Attributes:
    """The size of a box of a width in points."""
    return {"width": f"{width / POINTS:.3f}", "height": f"{HEIGHT / POINTS:.3f}"}


def skip_tag(flow: Flow) -> str:
    """`skip-3`."""
    return f"skip-{flow.skip.number}" if flow.skip else ""


def identifiers(names: Iterable[str]) -> dict[str, str]:
    """Ids for names, numbered where two names (`a.b`, `a_b`) would have the same."""
    used: Counter[str] = Counter()
    ids = {}
    for name in names:
        plain = labels.identifier(name)
        used[plain] += 1
        ids[name] = plain if used[plain] == 1 else f"{plain}__{used[plain]}"
    return ids
