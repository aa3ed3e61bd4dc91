"""The columns that every table of blocks has: which block it is, its class, its parameters."""

from __future__ import annotations

from collections.abc import Sequence

from tracer.record import Trace
from tracer.render import number_format
from tracer.render.formats.table import Column
from tracer.render.tables.symbol_notes import symbols_text
from tracer.render.tables.visible_rows import VisibleRow
from tracer.target_spec import Mode

COUNTED_BEFORE = (
    "(in parentheses: a module that was called before; its parameters are counted there)"
)


def trace_title(trace: Trace) -> str:
    """`UNet (model.py:UNet)`: the model, and what was asked for."""
    return f"{trace.model} ({trace.target})" if trace.target else trace.model


def trace_notes(trace: Trace) -> tuple[str, ...]:
    """What the sizes are called, the mode, and what was not captured as usual, below a table."""
    notes = (f"note: {note}" for note in trace.notes)
    return (*symbols_text(trace.symbols), *mode_text(trace.mode), *notes)


def mode_text(mode: Mode | None) -> tuple[str, ...]:
    """`In evaluation mode.`; nothing if the mode is not known, as in files of version 0.1."""
    return () if mode is None else (f"In {mode} mode.",)


def block_column(found: Sequence[VisibleRow]) -> Column:
    """The whole path of each row; on a page where rows are indented, its name."""
    guided = outline([one.row.level for one in found], [one.name for one in found])
    return Column("block", tuple(one.path for one in found), "path", outline=guided)


def class_column(found: Sequence[VisibleRow]) -> Column:
    """The class of each row; a group of blocks has none."""
    return Column("class", tuple(one.row.kind for one in found), "kind")


def parameters_column(found: Sequence[VisibleRow]) -> Column:
    """The parameters of each row, where several are folded, of each of them."""
    return Column(
        "parameters",
        tuple(_parameters(one, number_format.count(one.row.parameters)) for one in found),
        "number",
        short=tuple(_parameters(one, number_format.rounded(one.row.parameters)) for one in found),
        short_title="params",
        exact=tuple(str(one.row.parameters) for one in found),
    )


def group_rows(found: Sequence[VisibleRow]) -> frozenset[int]:
    """The numbers of the rows that stand above others."""
    return frozenset(number for number, one in enumerate(found) if not one.row.call)


def context_rows(found: Sequence[VisibleRow]) -> frozenset[int]:
    """The numbers of the rows that only lead to others."""
    return frozenset(number for number, one in enumerate(found) if not one.is_match)


def _parameters(one: VisibleRow, number: str) -> str:
    """Nothing for none; in brackets what a row before counted already."""
    if not one.row.parameters:
        return ""
    if one.row.counted:
        return f"({number})"
    return f"{one.members} × {number}" if one.members > 1 else number


def outline(levels: Sequence[int], names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of a tree, from the top down, with its guides in front of them.

    A row of level n is below the nearest row of level n - 1 before it. Rows of level 0 have no
    guides.

    >>> outline([0, 1, 1], ["UNet", "down", "mid"])
    ('UNet', '├ down', '└ mid')
    """
    lines: list[str] = []
    going_on: set[int] = set()  # the levels on which another row follows, seen from the end
    for level, name in zip(reversed(levels), reversed(names), strict=True):
        going_on = {other for other in going_on if other <= level}
        lines.append(_guides(level, going_on) + name)
        going_on.add(level)
    return tuple(reversed(lines))


def _guides(level: int, going_on: set[int]) -> str:
    if level == 0:
        return ""
    above = "".join("│ " if other in going_on else "  " for other in range(1, level))
    return above + ("├ " if level in going_on else "└ ")
