"""Reads a text from left to right, and says where it makes no sense."""

from __future__ import annotations

import re


class NotationError(ValueError):
    """A text is no shape; says where, and how to write what was probably meant."""


class Reader:
    """A text, and how far it was read."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    @property
    def done(self) -> bool:
        """Whether all of it was read."""
        return self.at >= len(self.text)

    def take(self, pattern: str) -> str | None:
        """What a pattern matches here, and go on behind it."""
        found = re.compile(pattern).match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        return found[0]

    def sees(self, pattern: str) -> bool:
        """Whether a pattern matches here."""
        return re.compile(pattern).match(self.text, self.at) is not None

    def error(self, reason: str) -> NotationError:
        """What to raise here."""
        rest = self.text[self.at :].strip()
        where = f'at "{rest}"' if rest else "at its end"
        return NotationError(f'"{self.text.strip()}" is no shape, {where}: {reason}.')
