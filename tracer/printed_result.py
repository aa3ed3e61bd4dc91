"""Results that print themselves: a line as their `repr`, the command's tables as their `str`.

Rendering is above the results, which know nothing of it. So its modules are found by their names
when a result is printed, as the public names in ``tracer/__init__.py`` are.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


class PrintedResult:
    """A result with a line as its `repr`, and the tables of the command as its `str`."""

    __slots__ = ()

    def __repr__(self) -> str:
        line: str = import_module("tracer.notebook.result_lines").line_of(self)
        return line

    def __str__(self) -> str:
        return repr(import_module("tracer.notebook.result_tables").displayed_result(self))


class DisplayedResult(PrintedResult):
    """A result that a notebook shows as HTML, and IPython at a prompt as its tables."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        found = import_module("tracer.notebook.result_tables").displayed_result(self)
        page: str = found._repr_html_()
        return page

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))
