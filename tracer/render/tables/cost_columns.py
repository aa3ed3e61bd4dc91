"""The columns that every table of costs has: operations of arithmetic, their share, bytes."""

from __future__ import annotations

from collections.abc import Sequence

from tracer.analysis.costs import Cost
from tracer.render import number_format
from tracer.render.formats.table import Column, Narrowing

COSTS_NARROWING = (
    Narrowing("not counted", "drop"),
    Narrowing("multiply-adds", "drop"),
    Narrowing("parameters", "shorten"),
    Narrowing("class", "drop"),
    Narrowing("bytes written", "drop"),
)
"""A narrow page first loses what can be reckoned from the rest."""

UNKNOWN = "?"
"""For operations of which none has a known cost: they are not free."""


def cost_columns(costs: Sequence[Cost], whole: Cost) -> tuple[Column, ...]:
    """Multiply-adds and FLOPs with the part of the whole that they are, and bytes written."""
    return (
        Column(
            "multiply-adds",
            tuple(_operations(one, one.multiply_adds) for one in costs),
            "number",
            exact=tuple(str(one.multiply_adds) for one in costs),
        ),
        Column(
            "FLOPs",
            tuple(_operations(one, one.flops) for one in costs),
            "number",
            exact=tuple(str(one.flops) for one in costs),
        ),
        share_column([one.flops for one in costs], whole),
        bytes_column([one.activation_bytes for one in costs]),
        Column(
            "not counted",
            tuple(_count(sum(one.uncounted.values())) for one in costs),
            "number",
            exact=tuple(str(sum(one.uncounted.values())) for one in costs),
        ),
    )


def share_column(flops: Sequence[int], whole: Cost) -> Column:
    """How many hundredths of the FLOPs of the whole each is."""
    return Column(
        "% FLOPs",
        tuple(number_format.percent(one, whole.flops) for one in flops),
        "number",
        exact=tuple(f"{100 * one / (whole.flops or 1):.6g}" for one in flops),
    )


def bytes_column(sizes: Sequence[int]) -> Column:
    """What was written into memory of its own."""
    return Column(
        "bytes written",
        tuple(number_format.memory(size) if size else "" for size in sizes),
        "number",
        exact=tuple(map(str, sizes)),
    )


def _operations(cost: Cost, number: int) -> str:
    if cost.flops:
        return number_format.operations(number)
    return UNKNOWN if cost.uncounted else ""


def _count(number: int) -> str:
    return number_format.count(number) if number else ""
