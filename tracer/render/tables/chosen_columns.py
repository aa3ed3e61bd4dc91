"""The table of shapes with columns that were chosen by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from tracer.algebra.polynomial import Formula, as_dim
from tracer.analysis.tensor_bytes import size_in_bytes
from tracer.errors import TraceError, closest_name, shortened
from tracer.record import Trace
from tracer.render import number_format
from tracer.render.formats.table import Column, ColumnRole, Narrowing, Table
from tracer.render.tables import block_columns
from tracer.render.tables.block_shapes import SHAPES_NARROWING, shape_table, value_columns
from tracer.render.tables.visible_rows import ALL_ROWS, RowSelection, VisibleRow, select_rows

ColumnMaker = Callable[[Sequence[VisibleRow], Trace], Column]
NOT_RECORDED = "?"
"""Stands for what a trace of an older version does not say."""

UNKNOWN_TRAINABLE = f"({NOT_RECORDED}: this trace does not say which parameters are trainable)"


def _cells(title: str, role: ColumnRole, cell: Callable[[VisibleRow], str]) -> ColumnMaker:
    return lambda found, trace: Column(title, tuple(map(cell, found)), role)


def _counts(title: str, number: Callable[[VisibleRow], int | None]) -> ColumnMaker:
    """Numbers of parameters; nothing for 0."""

    def made(found: Sequence[VisibleRow], trace: Trace) -> Column:
        numbers = [number(one) for one in found]

        def texts(write: Callable[[int], str]) -> tuple[str, ...]:
            return tuple(
                NOT_RECORDED if one is None else write(one) if one else "" for one in numbers
            )

        exact = tuple("" if one is None else str(one) for one in numbers)
        short = texts(number_format.rounded)
        return Column(title, texts(number_format.count), "number", short=short, exact=exact)

    return made


def _frozen(one: VisibleRow) -> int | None:
    return None if one.row.trainable is None else one.row.parameters - one.row.trainable


def _share(found: Sequence[VisibleRow], trace: Trace) -> Column:
    whole = trace.root.parameters
    cells = tuple(number_format.percent(one.row.parameters, whole) for one in found)
    exact = tuple(f"{100 * one.row.parameters / (whole or 1):.6g}" for one in found)
    return Column("% params", cells, "number", exact=exact)


def _dtypes(one: VisibleRow) -> str:
    return ", ".join(dict.fromkeys(value.dtype for value in one.row.outputs))


def _arguments(one: VisibleRow) -> str:
    """`x 1×3×32×32, temb 1×512`."""
    names = one.row.arguments or ("",) * len(one.row.inputs)
    pairs = zip(names, one.row.inputs, strict=True)
    return ", ".join(f"{name} {number_format.shape_of(value)}".strip() for name, value in pairs)


def _output_bytes(one: VisibleRow) -> str:
    try:
        size = sum((Formula.of(size_in_bytes(value)) for value in one.row.outputs), Formula.of(0))
    except ValueError:  # the size of a dtype is not known
        return NOT_RECORDED
    number = as_dim(size)
    if isinstance(number, int):
        return number_format.memory(number) if number else ""
    return number_format.rounded_formula(number)


def _crossed(sizes: Sequence[int]) -> str:
    return "×".join(map(str, sizes))


COLUMNS: dict[str, ColumnMaker] = {
    "class": lambda found, trace: block_columns.class_column(found),
    "in": lambda found, trace: value_columns(found)[0],
    "out": lambda found, trace: value_columns(found)[1],
    "arguments": _cells("arguments", "shape", _arguments),
    "dtype": _cells("dtype", "kind", _dtypes),
    "bytes": _cells("bytes out", "number", _output_bytes),
    "kernel": _cells("kernel", "shape", lambda one: _crossed(one.row.kernel)),
    "stride": _cells("stride", "shape", lambda one: _crossed(one.row.stride)),
    "groups": _cells("groups", "number", lambda one: str(one.row.groups or "")),
    "parameters": lambda found, trace: block_columns.parameters_column(found),
    "trainable": _counts("trainable", lambda one: one.row.trainable),
    "frozen": _counts("frozen", _frozen),
    "percent": _share,
}
"""The columns that can be chosen, by name; the block itself is always the first."""

ALL_COLUMNS = "all"


def require_columns(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of columns, each once. Raises TraceError for one that there is not."""
    for name in names:
        if name not in (*COLUMNS, ALL_COLUMNS):
            hint = f'Did you mean "{found}"?' if (found := closest_name(name, COLUMNS)) else ""
            text = f'There is no column "{shortened(name)}". {hint}'.rstrip()
            raise TraceError(f"{text} The columns are {', '.join(COLUMNS)}; or {ALL_COLUMNS}.")
    return tuple(COLUMNS) if ALL_COLUMNS in names else tuple(dict.fromkeys(names))


def chosen_table(trace: Trace, names: Sequence[str], view: RowSelection = ALL_ROWS) -> Table:
    """Return the shapes of a trace with these columns.

    Args:
        trace: A trace.
        names: Keys of `COLUMNS`, in the order of the table.
        view: The rows to show.
    """
    found = select_rows(trace, view)
    table = shape_table(trace, view)
    columns = (COLUMNS[name](found, trace) for name in names)
    is_unknown = trace.root.trainable is None and not {"trainable", "frozen"}.isdisjoint(names)
    return replace(
        table,
        columns=(table.columns[0], *columns),
        summary=(*table.summary, *([UNKNOWN_TRAINABLE] if is_unknown else [])),
        narrowing=(
            Narrowing("trainable", "shorten", "frozen"),
            Narrowing("arguments", "drop"),
            *SHAPES_NARROWING,
            Narrowing("dtype", "drop", "groups"),
            Narrowing("bytes out", "drop"),
            Narrowing("kernel", "drop", "stride"),
        ),
    )
