"""What a diagram shows, read from its DOT text: boxes, bands, lines and labels with positions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import combinations

from tracer.render.diagram import labels

Rectangle = tuple[float, float, float, float]

QUOTED = r'"((?:[^"\\]|\\.)*)"'


@dataclass(frozen=True)
class Drawn:
    """The rectangles of boxes by id, the sizes of the bands from the top, and labels by text."""

    boxes: dict[str, Rectangle]
    bands: list[str]
    skips: dict[str, str]
    labels: list[tuple[str, Rectangle]]

    @property
    def size(self) -> tuple[float, float]:
        lefts, tops, rights, bottoms = zip(*self.boxes.values(), strict=True)
        return max(rights) - min(lefts), max(bottoms) - min(tops)


def read(source: str) -> Drawn:
    """What the DOT text of a whole model shows."""
    boxes, bands, skips, texts = {}, [], {}, []
    for line in source.splitlines():
        found = attributes(line)
        if line.strip().startswith("bb="):
            bands.append(found["label"].split(r"\n")[0])
        elif "->" in line and found.get("class", "").startswith("skip"):
            ends = line.split("[")[0].strip()
            skips[ends] = f"{found.get('label', '')} {found.get('headlabel', '')}"
            for name, position in (("label", "lp"), ("headlabel", "head_lp")):
                if name in found:
                    texts.append((found[name], around(found[name], found[position])))
        elif "class" in found and "unit" in found["class"].split():
            x, y = map(float, found["pos"].split(","))
            width, height = (72 * float(found[side]) for side in ("width", "height"))
            boxes[found["id"]] = x - width / 2, -y - height / 2, x + width / 2, -y + height / 2
    return Drawn(boxes, bands, skips, texts)


def attributes(line: str) -> dict[str, str]:
    pairs = re.findall(rf"(\w+)=(?:{QUOTED}|([^\s\]]+))", line)
    return {name: quoted or plain for name, quoted, plain in pairs}


def around(text: str, position: str) -> Rectangle:
    """The rectangle of a label; its letters are about nine points high."""
    x, y = map(float, position.split(","))
    half = labels.text_width((text,), 9) / 2
    return x - half, -y - 4.5, x + half, -y + 4.5


def overlaps(rectangles: dict[str, Rectangle]) -> list[tuple[str, str]]:
    """The names of rectangles that cover each other in part."""
    return [
        (one, other)
        for (one, a), (other, b) in combinations(rectangles.items(), 2)
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    ]
