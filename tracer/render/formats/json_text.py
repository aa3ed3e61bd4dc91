"""Records as JSON: their fields unchanged, numbers as numbers, shapes as lists.

Hidden characters are written as JSON's own escapes, so that a terminal does not obey them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from tracer.escapes import HIDDEN, encodable
from tracer.render.formats.registry import Records
from tracer.render.formats.table import Table


def write(tables: Sequence[Table], records: Records, width: int | None) -> str:
    """Return the records as JSON; the tables made from them are not needed."""
    return to_json_text(records)


def to_json_text(records: Records) -> str:
    """Return a JSON array with one record per line, or an object with one member per line.

    >>> print(to_json_text([{"block": "mid", "shape": [1, 8]}]), end="")
    [
    {"block":"mid","shape":[1,8]}
    ]
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
    try:
        text = msgspec.json.encode(record).decode()
    except UnicodeEncodeError:
        text = msgspec.json.encode(encodable(msgspec.to_builtins(record))).decode()
    return HIDDEN.sub(lambda found: json.dumps(found[0])[1:-1], text)
