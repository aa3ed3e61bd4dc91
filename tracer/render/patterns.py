"""Which blocks a reader means by `down.*`: patterns over the paths of blocks.

`*` stands for any characters, dots among them, `?` for one, `[0-3]` for one of several. A name
without these is a path by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from tracer.errors import TraceError, suggestion
from tracer.record import Trace

Patterns = Sequence[str]


def is_meant(names: Iterable[str], patterns: Patterns) -> bool:
    """Whether one of the names of a block matches one of the patterns; no patterns mean all."""
    return not patterns or any(fnmatchcase(name, one) for name in names for one in patterns)


def require_each(patterns: Patterns, known: Iterable[str], trace: Trace) -> None:
    """Raise TraceError for the first pattern that none of the known names matches."""
    names = list(dict.fromkeys(known))
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in names):
            raise TraceError(
                f'No block of {trace.model} matches "{pattern}". '
                f"{suggestion(pattern, filter(None, names))}"
            )
