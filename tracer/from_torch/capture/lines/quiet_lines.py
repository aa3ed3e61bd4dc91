"""The lines of a running function since the last one that touched a tensor."""

from __future__ import annotations

from typing import Final

EXACT_QUIET_LINES: Final = 64
"""So many lines are listed one by one, before one is listed once only."""


class QuietLines:
    """Lines that touched no tensor, in the order in which they ran.

    A loop may run a million of them. So after the first `EXACT_QUIET_LINES`, a line that is listed
    already is not listed again.

    >>> quiet = QuietLines()
    >>> for line in (3, 4) * 1000 + (5,):
    ...     quiet.add(line, slot=0)
    >>> len(quiet.lines), quiet.lines[-1], quiet.last
    (65, 5, 5)
    """

    def __init__(self) -> None:
        self.lines: list[int] = []
        self.last = 0
        self.slot = 0
        """The place of the last line in the record."""

    def add(self, line: int, slot: int) -> None:
        """Add a line that ran."""
        self.last, self.slot = line, slot
        if len(self.lines) < EXACT_QUIET_LINES or line not in self.lines:
            self.lines.append(line)

    @property
    def before_last(self) -> tuple[int, ...]:
        """All lines but the last one."""
        lines = self.lines
        return tuple(lines[:-1] if lines[-1] == self.last else lines)
