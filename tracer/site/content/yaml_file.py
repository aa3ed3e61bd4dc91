"""YAML files read into structures, with errors that name the place as the writer knows it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from tracer.site.errors import SiteError

_T = TypeVar("_T")


def read_yaml(path: Path, kind: type[_T]) -> _T:
    """The content of a file as a `kind`. Raises SiteError that says where it is not one."""
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SiteError(f"{path}: there is no such file.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SiteError(f"{path}: not YAML: {' '.join(str(error).split())}.") from None
    try:
        return msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `")
        raise SiteError(f"{path}: {_named(place.rstrip('`'), raw)}{reason}.") from None


def _named(place: str, raw: Any) -> str:
    """A place such as ``$.notes[3].ko`` with the id or name of the item instead of its number."""
    words: list[str] = []
    at = raw
    for key, index in re.findall(r"\.(\w+)|\[(\d+|\.\.\.)\]", place):
        at = _inside(at, key or index)
        name = at.get("id", at.get("name")) if index and isinstance(at, dict) else None
        words.append(key or (repr(name) if name else f"number {index}"))
    return f"{' '.join(words)}: " if words else ""


def _inside(at: Any, step: str) -> Any:
    if isinstance(at, list):
        return at[int(step)] if step.isdecimal() and int(step) < len(at) else None
    return at.get(step) if isinstance(at, dict) else None
