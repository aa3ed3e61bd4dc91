"""The texts of the source files that a trace names, read from where they are now."""

from __future__ import annotations

import linecache
from pathlib import Path

from tracer.annotation.annotated_file import find_file, read_source
from tracer.record import Trace


def source_texts(trace: Trace) -> dict[str, str]:
    """Return the text of each file whose lines a trace recorded, empty for one that is missing.

    The file may have changed since: whoever shows a text checks that it fits the lines.

    Args:
        trace: A trace with lines.
    """
    return {file: _text_of(file) for file in dict.fromkeys(line.file for line in trace.lines)}


def _text_of(file: str) -> str:
    path = find_file(file)
    if path is None:
        return _text_of_cell(file)
    try:
        return read_source(path)
    except (OSError, SyntaxError, ValueError):  # gone again, or in no known encoding
        return ""


def _text_of_cell(file: str) -> str:
    """The text of a cell of a notebook, which is in no file, but in the cache for tracebacks."""
    names = (name for name in linecache.cache if Path(name).name == file)
    name = next((one for one in names if not Path(one).is_file()), None)
    return "".join(linecache.getlines(name)) if name else ""
