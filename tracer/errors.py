"""The one error for what cannot be done, and the words that help with a mistyped name."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path

MANY = 12
"""How many names are listed where none is near."""


class TraceError(Exception):
    """What was asked for cannot be done; the text says what, where, and what to do next."""


class SiteError(TraceError):
    """The site cannot be built from its files; the text names the file, the problem and the fix."""


def near(name: str, known: Iterable[str]) -> str | None:
    """The one of the known names that `name` is most likely meant to be."""
    names = {other.lower(): other for other in known}
    found = get_close_matches(name.lower(), names, n=1)
    return names[found[0]] if found else None


def near_file(path: Path) -> Path | None:
    """The file of the same kind in the same folder that `path` is most likely meant to be."""
    others = {other.stem: other for other in path.parent.glob(f"*{path.suffix}")}
    found = near(path.stem, others)
    return others[found] if found else None


def suggestion(name: str, known: Iterable[str]) -> str:
    """A sentence after "there is no such name": the near one, or else what there is."""
    names = [other for other in known if other]  # the model's own call has none
    found = near(name, names)
    if found is not None:
        return f'Did you mean "{found}"?'
    if not names:
        return "There are none."
    more = f" and {len(names) - MANY} more" if len(names) > MANY else ""
    return f"There are: {', '.join(names[:MANY])}{more}."
