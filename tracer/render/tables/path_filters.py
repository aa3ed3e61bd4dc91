"""Which blocks a pattern such as `down.*` selects: those whose path matches, and all below them.

`*` stands for one name of a path, or for a part of one, `**` for any number of names. `mid.block@1`
is only the second call of a module.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from tracer.errors import TraceError, closest_name, suggestion
from tracer.record import Trace

CallNames = Sequence[str]


def matches_any(call: str, patterns: Iterable[str]) -> bool:
    """Whether a pattern matches a call of a block, or the beginning of its path.

    >>> matches_any("down.0.conv1", ["down.*"]), matches_any("mid", ["down.*"])
    (True, False)
    """
    return any(_matches(pattern, call) for pattern in patterns)


def require_matches(patterns: Iterable[str], calls: Iterable[str], trace: Trace) -> None:
    """Raise TraceError for the first pattern that matches none of these calls."""
    known = list(filter(None, calls))
    for pattern in patterns:
        if not any(_matches(pattern, call) for call in known):
            raise TraceError(
                f'No block of {trace.model} matches "{pattern}", where * stands for one name of a '
                f"path and ** for any number of names. {_hint(pattern, known)}{_notes(trace)}"
            )


def _notes(trace: Trace) -> str:
    """The notes of the trace: a block may be missing because the model failed before it."""
    return "".join(f"\nnote: {note}" for note in trace.notes)


def _hint(pattern: str, known: Sequence[str]) -> str:
    """The nearest path, or name in a path; or else the beginnings of all paths."""
    plain = pattern.replace("*", "").strip(".")
    names = [name for call in known for name in call.split(".")]
    found = closest_name(plain, [*names, *known])
    heads = dict.fromkeys(call.partition(".")[0] for call in known)
    return f'Did you mean "{found}"?' if found else suggestion("", heads)


def _matches(pattern: str, call: str) -> bool:
    wanted, at, number = pattern.partition("@")
    path, _, again = call.partition("@")
    if at and (again or "0") != number:
        return False
    return _fits(wanted.split("."), path.split(".") if path else [])


def _fits(wanted: CallNames, names: CallNames) -> bool:
    """Whether the beginning of a path matches, name by name."""
    if not wanted:
        return True
    head, *rest = wanted
    if head == "**":
        return any(_fits(rest, names[skipped:]) for skipped in range(len(names) + bool(not rest)))
    return bool(names) and fnmatchcase(names[0], head) and _fits(rest, names[1:])
