"""How Downsample and Upsample move pixels: the pad and the kernel's positions, and the copies."""

from __future__ import annotations

from collections.abc import Iterator

from markupsafe import Markup

from tracer.site.pages.drawings.svg_shapes import circle, figure, label, rectangle
from tracer.site.pages.words import Words

IMAGE_SIDE, KERNEL, STRIDE = 6, 3, 2
"""Pixels of a side of the drawn image, and the convolution that halves it."""
PIXEL_SIDE = 26
Pad = tuple[int, int]
"""Rows and columns of zeros before and after the image."""


def downsample_pads(words: Words) -> Markup:
    """Return the pad of Downsample on a grid, beside the one that Conv2d would make."""
    pads: tuple[tuple[str, Pad], ...] = (("pad = (0, 1, 0, 1)", (0, 1)), ("padding=1", (1, 1)))
    panel = PIXEL_SIDE * (IMAGE_SIDE + 2) + 50
    shapes = [
        shape
        for number, (title, pad) in enumerate(pads)
        for shape in (
            label(number * panel + 16 + PIXEL_SIDE * (IMAGE_SIDE + 2) / 2, 18, title, "code"),
            *_padded_image(number * panel + 16, 34, pad),
        )
    ]
    return figure(
        shapes,
        (2 * panel, PIXEL_SIDE * (IMAGE_SIDE + 2) + 70),
        name="drawing-pads",
        title=words.pads_title.format(
            size=IMAGE_SIDE, one=_listed(starts((0, 1))), two=_listed(starts((1, 1)))
        ),
        caption=words.pads_caption,
    )


def starts(pad: Pad) -> list[int]:
    """Return where the kernel starts in each step, in pixels of the image; -1 is in the pad.

    >>> starts((0, 1)), starts((1, 1))
    ([0, 2, 4], [-1, 1, 3])
    """
    before, after = pad
    steps = (IMAGE_SIDE + before + after - KERNEL) // STRIDE + 1
    return [step * STRIDE - before for step in range(steps)]


def _listed(numbers: list[int]) -> str:
    return ", ".join(str(number).replace("-", "−") for number in numbers)


def _padded_image(x: float, y: float, pad: Pad) -> Iterator[str]:
    """Pixels, the zeros around them, the first and the last position of the kernel, all centers."""
    x, y = x + PIXEL_SIDE, y + PIXEL_SIDE  # of the first pixel; there is room for zeros around all
    for row in range(-pad[0], IMAGE_SIDE + pad[1]):
        for column in range(-pad[0], IMAGE_SIDE + pad[1]):
            inside = 0 <= row < IMAGE_SIDE and 0 <= column < IMAGE_SIDE
            at = x + column * PIXEL_SIDE, y + row * PIXEL_SIDE
            yield rectangle(*at, PIXEL_SIDE, PIXEL_SIDE, "pixel" if inside else "zero")
            if not inside:
                yield label(at[0] + PIXEL_SIDE / 2, at[1] + PIXEL_SIDE / 2 + 4, "0", "quiet")
    found = starts(pad)
    for first in found:
        for second in found:
            center = (KERNEL / 2) * PIXEL_SIDE
            yield circle(
                x + first * PIXEL_SIDE + center, y + second * PIXEL_SIDE + center, 4, "center"
            )
    for start in (found[0], found[-1]):
        at = x + start * PIXEL_SIDE, y + start * PIXEL_SIDE
        yield rectangle(*at, KERNEL * PIXEL_SIDE, KERNEL * PIXEL_SIDE, "kernel")
    bottom = y + PIXEL_SIDE * (IMAGE_SIDE + 1) + 20
    yield label(
        x + PIXEL_SIDE * IMAGE_SIDE / 2,
        bottom,
        f"{IMAGE_SIDE}×{IMAGE_SIDE} → {len(found)}×{len(found)}",
        "code",
    )


def upsample_copies(words: Words) -> Markup:
    """Return an image of three by three pixels beside the one that Upsample makes of it."""
    side = IMAGE_SIDE // STRIDE
    right = PIXEL_SIDE * STRIDE * side + 90
    shapes = [*_letters(16, 34, side, STRIDE, 1), *_letters(right, 34, side, 1, STRIDE)]
    middle = 34 + PIXEL_SIDE * IMAGE_SIDE / 2
    shapes += [
        label((16 + PIXEL_SIDE * IMAGE_SIDE + right) / 2, middle + 5, "→", "arrow"),
        label(16 + PIXEL_SIDE * IMAGE_SIDE / 2, 20, f"{side}×{side}", "code"),
        label(right + PIXEL_SIDE * IMAGE_SIDE / 2, 20, f"{IMAGE_SIDE}×{IMAGE_SIDE}", "code"),
    ]
    return figure(
        shapes,
        (right + PIXEL_SIDE * IMAGE_SIDE + 16, 34 + PIXEL_SIDE * IMAGE_SIDE + 12),
        name="drawing-copies",
        title=words.copies_title.format(side=side, doubled=IMAGE_SIDE),
        caption=words.copies_caption,
    )


def _letters(x: float, y: float, side: int, scale: int, copies: int) -> Iterator[str]:
    """A square image with a letter per pixel, each drawn as `copies` by `copies` pixels."""
    cell = PIXEL_SIDE * scale
    for row in range(side * copies):
        for column in range(side * copies):
            letter = row // copies * side + column // copies
            at = x + column * cell, y + row * cell
            yield rectangle(*at, cell, cell, f"pixel tone{letter % 2}")
            name = "abcdefghijklmnopqrstuvwxyz"[letter]
            yield label(at[0] + cell / 2, at[1] + cell / 2 + 5, name, "code")
