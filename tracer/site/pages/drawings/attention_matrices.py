"""softmax(QK^T / sqrt(C)) V as the matrices that are multiplied, with the sizes of a trace."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from tracer.record import Block
from tracer.site.pages.drawings.svg_shapes import figure, label, rectangle
from tracer.site.pages.words import Words

LONG, SHORT, GAP, ROW_LABEL, TOP = 104, 64, 34, 62, 44
"""The drawn lengths of a side of H·W pixels and of one of C channels, and what is between."""


@dataclass(frozen=True, slots=True)
class AttentionSizes:
    """The call of an attention block, its channels and its pixels, H times W."""

    call: str
    channels: int
    height: int
    width: int

    @property
    def pixels(self) -> int:
        """How many pixels look at each other."""
        return self.height * self.width


def attention_sizes(block: Block) -> AttentionSizes:
    """Return the sizes of one call of attention over the pixels of an image."""
    _, channels, height, width = map(int, block.outputs[0].shape)
    return AttentionSizes(block.call, channels, height, width)


def attention_drawing(sizes: AttentionSizes, words: Words) -> Markup:
    """Return both products, one below the other, with the row of one pixel marked."""
    shapes: list[str] = []
    rows = (
        (("Q", LONG, SHORT), "·", ("Kᵀ", SHORT, LONG), "→", ("QKᵀ/√C", LONG, LONG)),
        (("softmax", LONG, LONG), "·", ("V", LONG, SHORT), "→", ("h_", LONG, SHORT)),
    )
    for number, row in enumerate(rows):
        x, y = 84.0, TOP + number * (LONG + 76)
        for part in row:
            if isinstance(part, str):
                shapes.append(label(x + GAP / 2, y + LONG / 2 + 6, part, "arrow"))
                x += GAP + ROW_LABEL
            else:
                shapes += _matrix(part, x, y, sizes)
                x += part[2] + 6
    pixels, channels = sizes.pixels, sizes.channels
    return figure(
        shapes,
        (2 * LONG + SHORT + 2 * (GAP + ROW_LABEL) + 112, TOP + 2 * (LONG + 76) - 30),
        name="drawing-attention",
        title=words.attention_title.format(pixels=pixels, channels=channels),
        caption=words.attention_caption.format(
            call=sizes.call,
            height=sizes.height,
            width=sizes.width,
            pixels=pixels,
            channels=channels,
            scores=f"{pixels * pixels:,}",
        ),
    )


def _matrix(matrix: tuple[str, int, int], x: float, y: float, sizes: AttentionSizes) -> list[str]:
    """A matrix under its name, its sizes beside it; the row of one pixel is marked."""
    name, height, width = matrix
    length = {LONG: f"HW={sizes.pixels}", SHORT: f"C={sizes.channels}"}
    top = y + (LONG - height) / 2
    is_row = height == LONG
    mark = (x, top + 0.3 * height, width, 7) if is_row else (x, top, width, height)
    return [
        label(x + width / 2, top - 8, name, "code"),
        rectangle(x, top, width, height, "matrix"),
        rectangle(*mark, "row" if is_row else "whole"),
        label(x + width / 2, top + height + 16, length[width], "quiet"),
        label(x - 6, top + height / 2 + 4, length[height], "quiet", "end"),
    ]
