"""The guides of an indented list, which show where a row belongs in a tree."""

from __future__ import annotations

from collections.abc import Sequence


def outline(levels: Sequence[int], names: Sequence[str]) -> tuple[str, ...]:
    """Returns the names of a tree, from the top down, with its guides in front of them.

    A row of level n is below the nearest row of level n - 1 before it. Rows of level 0 have no
    guides.

    >>> outline([0, 1, 1], ["UNet", "down", "mid"])
    ('UNet', '├ down', '└ mid')
    """
    lines: list[str] = []
    going_on: set[int] = set()  # the levels on which another row follows, seen from the end
    for level, name in zip(reversed(levels), reversed(names), strict=True):
        going_on = {other for other in going_on if other <= level}
        lines.append(_guides(level, going_on) + name)
        going_on.add(level)
    return tuple(reversed(lines))


def _guides(level: int, going_on: set[int]) -> str:
    if level == 0:
        return ""
    above = "".join("│ " if other in going_on else "  " for other in range(1, level))
    return above + ("├ " if level in going_on else "└ ")
