"""The table of sines and cosines that encodes the timestep, as a heat map."""

from __future__ import annotations

import math
from collections.abc import Iterator

from markupsafe import Markup

from tracer.site.pages.drawings.svg_shapes import figure, label, rectangle
from tracer.site.pages.words import Words

DRAWN_TIMESTEPS = 64
SHADES = 4
"""Shades of positive numbers, and as many of negative ones."""
SHADE_SIDE, TABLE_LEFT, TABLE_TOP = 4.5, 56, 30


def sinusoid_table(dimension: int, words: Words) -> Markup:
    """Return the heat map of an embedding: a row per timestep, a column per number.

    Args:
        dimension: How many numbers encode a timestep; even.
        words: The phrases of the page's language.
    """
    columns = list(zip(*table(dimension, DRAWN_TIMESTEPS), strict=True))
    width, height = (
        TABLE_LEFT + SHADE_SIDE * dimension + 12,
        TABLE_TOP + SHADE_SIDE * DRAWN_TIMESTEPS + 34,
    )
    half_width, bottom = SHADE_SIDE * dimension / 2, TABLE_TOP + SHADE_SIDE * DRAWN_TIMESTEPS
    shapes = [
        *_cells(columns),
        label(
            TABLE_LEFT + SHADE_SIDE * dimension / 4,
            TABLE_TOP - 10,
            f"sin, i = 0 … {dimension // 2 - 1}",
        ),
        label(
            TABLE_LEFT + SHADE_SIDE * dimension * 3 / 4,
            TABLE_TOP - 10,
            f"cos, i = 0 … {dimension // 2 - 1}",
        ),
        rectangle(TABLE_LEFT, TABLE_TOP, half_width, bottom - TABLE_TOP, "frame"),
        rectangle(TABLE_LEFT + half_width, TABLE_TOP, half_width, bottom - TABLE_TOP, "frame"),
        label(TABLE_LEFT - 8, TABLE_TOP + 10, "t = 0", anchor="end"),
        label(TABLE_LEFT - 8, bottom, f"t = {DRAWN_TIMESTEPS - 1}", anchor="end"),
        *_legend(TABLE_LEFT, bottom + 14),
    ]
    return figure(
        shapes,
        (width, height),
        name="drawing-sinusoids",
        title=words.sinusoids_title.format(dimension=dimension, last=DRAWN_TIMESTEPS - 1),
        caption=words.sinusoids_caption.format(dimension=dimension),
    )


def table(dimension: int, timesteps: int) -> list[list[float]]:
    """Return the embedding of each timestep: all sines, then all cosines.

    >>> [round(number, 3) for number in table(4, 2)[1]]
    [0.841, 0.0, 0.54, 1.0]
    """
    half = dimension // 2
    frequencies = [math.exp(-math.log(10000) * i / (half - 1)) for i in range(half)]
    return [
        [wave(t * frequency) for wave in (math.sin, math.cos) for frequency in frequencies]
        for t in range(timesteps)
    ]


def _shade(number: float) -> int:
    """From -SHADES to SHADES."""
    return round(number * SHADES)


def _cells(columns: list[tuple[float, ...]]) -> Iterator[str]:
    """One path per shade; equal shades below each other are one rectangle."""
    paths: dict[int, list[str]] = {}
    for i, column in enumerate(columns):
        start = 0
        for t in range(1, len(column) + 1):
            if t == len(column) or _shade(column[t]) != _shade(column[start]):
                cell = f"M{i} {start}h1v{t - start}h-1z"
                paths.setdefault(_shade(column[start]), []).append(cell)
                start = t
    placed = f'transform="translate({TABLE_LEFT} {TABLE_TOP}) scale({SHADE_SIDE})"'
    for shade, path in sorted(paths.items()):
        if shade:  # zero has the color of the page
            yield f'<path class="{_shade_class(shade)}" {placed} d="{"".join(path)}"/>'


def _shade_class(shade: int) -> str:
    return f"{'plus' if shade > 0 else 'minus'} s{abs(shade)}"


def _legend(x: float, y: float) -> Iterator[str]:
    yield label(x, y + 11, "-1", anchor="start")
    for number, shade in enumerate(range(-SHADES, SHADES + 1)):
        classes = _shade_class(shade) if shade else "zero"
        yield f'<path class="{classes}" d="M{x + 20 + 14 * number:g} {y:g}h14v12h-14z"/>'
    yield label(x + 26 + 14 * (2 * SHADES + 1), y + 11, "1", anchor="start")
