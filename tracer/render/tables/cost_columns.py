"""The columns that every table of costs has: FLOPs, their share, bytes, in numbers or formulas."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tracer.analysis.costs import Amount, Cost, Costs, is_zero
from tracer.render import number_format
from tracer.render.formats.table import Column, ColumnRole, Narrowing, Table

COSTS_NARROWING = (
    Narrowing("not counted", "drop"),
    Narrowing("multiply-adds", "drop"),
    Narrowing("parameters", "shorten"),
    Narrowing("class", "drop"),
    Narrowing("bytes written", "drop"),
)
"""A narrow page first loses what can be computed from the rest."""

UNKNOWN_COST = "?"
"""Stands for the FLOPs of operations of which none has a known cost: they are not free."""


def amount_columns(
    costs: Sequence[Cost], whole: Costs, *, multiply_adds: bool = True
) -> tuple[Column, ...]:
    """Return the FLOPs of several costs, their share of the whole, and the bytes written.

    For numbers also the multiply-adds, if wanted, and how many operations were not counted.

    Args:
        costs: The costs, one per row.
        whole: What they are parts of.
        multiply_adds: Whether multiply-adds have a column.
    """
    flops = [one.flops for one in costs]
    common = (
        _flops_column("FLOPs", costs, flops),
        share_column([whole.at_run(one) for one in flops], whole),
        bytes_column([one.activation_bytes for one in costs]),
    )
    if whole.are_formulas:
        return common
    halves = [one.multiply_adds for one in costs]
    first = [_flops_column("multiply-adds", costs, halves)] if multiply_adds else []
    unknown = [sum(one.uncounted.values()) for one in costs]
    return (*first, *common, count_column("not counted", unknown))


def in_full(table: Table, *titles: str) -> Table:
    """Return a table of costs with all digits in some columns: `11,818,496·B·H·W`, not `11.8 M`.

    >>> flops = Column("FLOPs", ("11.8 M·B", "?"), "shape", exact=("11818496*B", "0"))
    >>> in_full(Table("", (flops,)), "FLOPs").rows
    (('11,818,496·B',), ('?',))
    """
    for title in titles:
        column = table.column(title)
        cells = tuple(
            number_format.grouped_formula(exact) if exact != "0" else cell
            for cell, exact in zip(column.cells, column.exact, strict=True)
        )
        table = table.with_fields(title, cells=cells)
    return table


def share_column(flops: Sequence[int], whole: Costs) -> Column:
    """Return the share of all FLOPs in percent, for a symbolic trace at the sizes of its run."""
    total = whole.at_run(whole.flops)
    return Column(
        "% FLOPs",
        tuple(number_format.percent(one, total) for one in flops),
        "number",
        exact=tuple(f"{100 * one / (total or 1):.6g}" for one in flops),
    )


def bytes_column(amounts: Sequence[Amount]) -> Column:
    """Return the bytes that were written into new memory."""
    cells = [_text(one, number_format.memory) for one in amounts]
    return _amount_column("bytes written", amounts, cells)


def count_column(title: str, counts: Sequence[int], short_title: str = "") -> Column:
    """Return a column of whole numbers, empty for 0."""
    return Column(
        title,
        tuple(number_format.count(number) if number else "" for number in counts),
        "number",
        short=tuple(number_format.rounded(number) if number else "" for number in counts),
        short_title=short_title,
        exact=tuple(map(str, counts)),
    )


def _flops_column(title: str, costs: Sequence[Cost], amounts: Sequence[Amount]) -> Column:
    return _amount_column(title, amounts, list(map(_flops_text, costs, amounts)))


def _amount_column(title: str, amounts: Sequence[Amount], cells: Sequence[str]) -> Column:
    """Numbers stand at the right edge, formulas at the left."""
    role: ColumnRole = "number" if all(isinstance(one, int) for one in amounts) else "shape"
    return Column(title, tuple(cells), role, exact=tuple(map(str, amounts)))


def _flops_text(cost: Cost, amount: Amount) -> str:
    if is_zero(cost.flops):
        return UNKNOWN_COST if cost.uncounted else ""
    return _text(amount, number_format.operations)


def _text(amount: Amount, write: Callable[[int], str]) -> str:
    """A number or a formula in few characters; nothing for 0."""
    if is_zero(amount):
        return ""
    return write(amount) if isinstance(amount, int) else number_format.rounded_formula(str(amount))
