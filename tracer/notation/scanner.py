"""Reads a text from left to right, and locates errors in it."""

from __future__ import annotations

import re
from typing import Final

from tracer.errors import shortened

MAX_NOTATION_LENGTH: Final = 10_000
"""Characters of the longest text that is parsed."""
QUOTED_LENGTH: Final = 200
"""Characters of a shape that a message quotes."""


class NotationError(ValueError):
    """A text does not follow the shape notation; the message says where, and what to write."""


class Scanner:
    """A text, and the position up to which it was read.

    `nesting` is the number of parentheses that are open there, `operators` the number of operators
    of the axis so far.

    Raises:
        NotationError: The text is too long.
    """

    def __init__(self, text: str) -> None:
        if len(text) > MAX_NOTATION_LENGTH:
            raise NotationError(
                f'Invalid shape "{shortened(text)}": it is longer than {MAX_NOTATION_LENGTH:,} '
                "characters."
            )
        self.text = text
        self.position = 0
        self.nesting = 0
        self.operators = 0

    @property
    def at_end(self) -> bool:
        """Whether the whole text was read."""
        return self.position >= len(self.text)

    def take(self, pattern: str) -> str | None:
        """Return what the pattern matches at this position and move past it; None if nothing."""
        match = re.compile(pattern).match(self.text, self.position)
        if match is None:
            return None
        self.position = match.end()
        return match[0]

    def sees(self, pattern: str) -> bool:
        """Whether the pattern matches at this position."""
        return re.compile(pattern).match(self.text, self.position) is not None

    def error(self, reason: str) -> NotationError:
        """Return the exception to raise for this position."""
        rest = self.text[self.position :].strip()
        where = f'at "{shortened(rest, QUOTED_LENGTH)}"' if rest else "at its end"
        return NotationError(
            f'Invalid shape "{shortened(self.text.strip(), QUOTED_LENGTH)}" {where}: {reason}.'
        )
