"""Reads YAML files into structures, with errors that name the position as the author knows it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from tracer.errors import SiteError
from tracer.plain_yaml import YamlError, parse_yaml

_T = TypeVar("_T")


def read_yaml(path: Path, kind: type[_T]) -> _T:
    """Return the content of a file as an instance of `kind`.

    Args:
        path: The file.
        kind: A msgspec structure or any type that msgspec converts to.

    Raises:
        SiteError: There is no such file, it is not YAML, or a field is missing or wrong. The
            message names the file and the field.
    """
    try:
        raw = parse_yaml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SiteError(f"{path}: there is no such file.") from None
    except (YamlError, UnicodeDecodeError) as error:
        raise SiteError(f"{path}: not YAML: {' '.join(str(error).split())}.") from None
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        reason, _, json_path = str(error).partition(" - at `")
        raise SiteError(f"{path}: {_position(json_path.rstrip('`'), raw)}{reason}.") from None


def _position(json_path: str, raw: Any) -> str:
    """A path such as ``$.notes[3].ko`` with the id or name of an item instead of its number."""
    words: list[str] = []
    at = raw
    for key, index in re.findall(r"\.(\w+)|\[(\d+|\.\.\.)\]", json_path):
        at = _child(at, key or index)
        name = at.get("id", at.get("name")) if index and isinstance(at, dict) else None
        words.append(key or (repr(name) if name else f"number {index}"))
    return f"{' '.join(words)}: " if words else ""


def _child(node: Any, key: str) -> Any:
    if isinstance(node, list):
        return node[int(key)] if key.isdecimal() and int(key) < len(node) else None
    return node.get(key) if isinstance(node, dict) else None
