"""Rows, entries or links as JSON: their fields as they are, numbers as numbers, shapes as lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec


def to_json_text(records: Sequence[Any] | Mapping[str, Any]) -> str:
    """A JSON array with one frozen dataclass a line, its fields in order.

    A mapping becomes an object with one member a line, and its lists such arrays.
    """
    if not isinstance(records, Mapping):
        return f"{_array(records)}\n"
    members = (f"{_line(name)}: {_member(value)}" for name, value in records.items())
    return "{\n" + ",\n".join(members) + "\n}\n"


def _member(value: Any) -> str:
    return _array(value) if isinstance(value, (list, tuple)) else _line(value)


def _array(records: Sequence[Any]) -> str:
    inside = ",\n".join(map(_line, records))
    return f"[\n{inside}\n]" if inside else "[]"


def _line(record: Any) -> str:
    return msgspec.json.encode(record).decode()
