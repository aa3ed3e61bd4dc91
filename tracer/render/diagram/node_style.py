"""What units look like, as Graphviz attributes; a style adds links and colors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tracer.analysis.levels.spatial_sizes import find_spatial_sizes
from tracer.analysis.levels.unit_graph import Flow, Unit, UnitGraph
from tracer.record import Block, Trace
from tracer.render.diagram import labels
from tracer.render.diagram.layout import BOX_HEIGHT
from tracer.render.diagram.node_outline import NodeOutline, outline_of

Attributes = dict[str, str]
BlockUrl = Callable[[Block], str | None]
Colorize = Callable[[Attributes], Attributes]
Marks = dict[tuple[str, ...], Attributes]
"""Further attributes of a unit, by its name alone, and of skips, by the names of both ends."""

FONT = "Helvetica"
NODE_FONT_SIZE, EDGE_FONT_SIZE = 10.0, 9.0
POINTS_PER_INCH = 72.0
"""Graphviz measures boxes in inches."""
PADDING = 18.0
"""How much wider a box is than its text, in points."""

GRAPH = {"fontname": FONT, "fontsize": f"{NODE_FONT_SIZE:g}", "pad": "0.1"}
NODE = {"fontname": FONT, "fontsize": f"{NODE_FONT_SIZE:g}", "fixedsize": "true"}
EDGE = {"fontname": FONT, "fontsize": f"{EDGE_FONT_SIZE:g}", "arrowsize": "0.7"}

OUTLINES: dict[NodeOutline, Attributes] = {
    "attention": {"shape": "octagon"},
    "down": {"shape": "polygon", "sides": "4", "distortion": "0.12"},
    "up": {"shape": "polygon", "sides": "4", "distortion": "0.12"},
    "convolution": {"shape": "box"},
    "plain": {"shape": "box", "style": "rounded"},
    "join": {"shape": "ellipse"},
    "operation": {"shape": "ellipse"},
    "end": {"shape": "none"},
}
"""The wide side of a trapezium is the higher resolution, which is above in both columns."""
WIDTH_FACTORS: dict[NodeOutline, float] = {
    "attention": 1.2,
    "down": 1.1,
    "up": 1.1,
    "join": 1.3,
    "operation": 1.3,
}
"""How many times wider a box is whose corners are cut off."""
SLANTS: dict[NodeOutline, float] = {"down": 0.039, "up": 0.039}
"""How far the sides of a trapezium are moved in at half its height, as a fraction of its width."""


def without_colors(attributes: Attributes) -> Attributes:
    """Return the attributes unchanged, so that a style sheet can color the diagram."""
    return attributes


@dataclass(frozen=True)
class Style:
    """How a diagram is decorated.

    Attributes:
        link: Returns the address that a block links to, or None.
        colorize: Returns the attributes of a node, edge or cluster with colors added.
    """

    link: BlockUrl | None = None
    colorize: Colorize = without_colors


DEFAULT_STYLE = Style()


@dataclass(frozen=True)
class NodeStyles:
    """The ids, outlines and classes of the units of one graph, by their names.

    `shapes` says whether boxes show the output shape. `marks` stand out from everything else.
    """

    ids: dict[str, str]
    outlines: dict[str, NodeOutline]
    classes: dict[str, tuple[str, ...]]
    style: Style = DEFAULT_STYLE
    shapes: bool = True
    marks: Marks = field(default_factory=dict)

    def width(self, unit: Unit) -> float:
        """The width in points that a unit needs for its text."""
        factor = WIDTH_FACTORS.get(self.outlines[unit.name], 1.0)
        return labels.text_width(self.lines(unit), NODE_FONT_SIZE) * factor + PADDING

    def lines(self, unit: Unit) -> tuple[str, ...]:
        """The lines of text in the box of a unit."""
        return labels.node_lines(unit, shapes=self.shapes)

    def slant(self, unit: Unit, width: float) -> float:
        """How far the sides of a unit are moved in at half its height, in points."""
        return width * SLANTS.get(self.outlines[unit.name], 0.0)

    def attributes(self, unit: Unit, width: float) -> Attributes:
        """The Graphviz attributes of a unit: text, outline, size, id, classes, tooltip, link."""
        outline = self.outlines[unit.name]
        attributes = {
            "id": self.ids[unit.name],
            "class": " ".join(("unit", outline, *self.classes.get(unit.name, ()))),
            "label": labels.dot_text(*self.lines(unit)),
            "tooltip": labels.dot_text(labels.tooltip(unit)),
            **box_size(width),
            **OUTLINES[outline],
        }
        link = self.style.link
        url = link(unit.block) if link and unit.block else None
        return self.style.colorize(
            self.marked((unit.name,), attributes | ({"URL": url} if url else {}))
        )

    def marked(self, key: tuple[str, ...], attributes: Attributes) -> Attributes:
        """Return the attributes of a unit or a skip with those of its mark, if it has one."""
        mark = self.marks.get(key, {})
        lists = {"class": " ", "style": ","}
        joined = {
            name: separator.join((attributes[name], mark[name]))
            for name, separator in lists.items()
            if name in mark and name in attributes
        }
        return attributes | mark | joined


def node_styles(trace: Trace, graph: UnitGraph, roles: dict[str, str], style: Style) -> NodeStyles:
    """Return the styles of the units of a graph.

    Args:
        trace: The trace that the graph is made from.
        graph: The units, and the flows between them.
        roles: Further classes by unit: "encoder", "middle", "decoder" or "side".
        style: Adds links and colors.

    A unit at either end of a skip also has the class of the skip, such as ``skip-3``.
    """
    classes = {name: [role] for name, role in roles.items()}
    for flow in graph.flows:
        for end in (flow.source, flow.target) if flow.skip else ():
            classes.setdefault(end, []).append(skip_class(flow))
    spatial = find_spatial_sizes(trace)
    return NodeStyles(
        ids=identifiers(unit.name for unit in graph.units),
        outlines={unit.name: outline_of(unit, trace, spatial) for unit in graph.units},
        classes={name: tuple(dict.fromkeys(classes[name])) for name in classes},
        style=style,
    )


def box_size(width: float) -> Attributes:
    """Return the Graphviz attributes of a box that is `width` points wide."""
    return {
        "width": f"{width / POINTS_PER_INCH:.3f}",
        "height": f"{BOX_HEIGHT / POINTS_PER_INCH:.3f}",
    }


def skip_class(flow: Flow) -> str:
    """Return the class of a flow's skip, such as ``skip-3``; empty for a flow that is no skip."""
    return f"skip-{flow.skip.number}" if flow.skip else ""


def identifiers(names: Iterable[str]) -> dict[str, str]:
    """Return a unique id for each name.

    >>> identifiers(["a.b", "a_b"])
    {'a.b': 'n_a_b', 'a_b': 'n_a_b__2'}
    """
    used: Counter[str] = Counter()
    ids = {}
    for name in names:
        base = labels.identifier(name)
        used[base] += 1
        ids[name] = base if used[base] == 1 else f"{base}__{used[base]}"
    return ids
