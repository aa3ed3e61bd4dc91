"""Rows, entries or links as JSON: their fields as they are, numbers as numbers, shapes as lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec


def to_json_text(records: Sequence[Any]) -> str:
    """A JSON array with one frozen dataclass a line, its fields in order."""
    lines = (msgspec.json.encode(record).decode() for record in records)
    inside = ",\n".join(lines)
    return f"[\n{inside}\n]\n" if inside else "[]\n"
