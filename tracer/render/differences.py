"""The table of what tells two models from each other, and the sentences below it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from tracer.comparison import Comparison, Difference
from tracer.record import Dim
from tracer.render import figures
from tracer.render.grid import Column, Narrowing, Role, Table

THE_MODEL = "(the model)"
SHORT = {"parameters": "params", "residual additions": "residuals", "done on the way": "on the way"}

Rows = Sequence[Sequence[Difference]]
Cell = Callable[[Difference], str]


@dataclass(frozen=True, slots=True)
class Names:
    """How the table calls the two that it compares, and what stands above it."""

    before: str = "before"
    after: str = "after"
    title: str = ""


def difference_table(comparison: Comparison, names: Names, *, every: bool = False) -> Table:
    """The differences that follow from no other or, with `every`, all of them.

    Differences that are alike, block by block, take one row.
    """
    shown = comparison.differences if every else comparison.beginnings
    rows = _folded(shown)
    return Table(
        title=names.title,
        columns=(
            Column("", tuple(row[0].change for row in rows)),
            Column("where", tuple(map(_where, rows)), "path", short=tuple(map(_short, rows))),
            _column("what", "text", rows, lambda one: one.what, _what),
            _column(names.before, "shape", rows, _before, lambda one: one.before),
            _column(names.after, "shape", rows, _after, lambda one: one.after),
        ),
        summary=tuple(_summary(comparison, len(comparison.differences) - len(shown))),
        narrowing=tuple(
            Narrowing(title, "shorten") for title in ("where", "what", names.before, names.after)
        ),
    )


def _column(title: str, role: Role, rows: Rows, cell: Cell, short: Cell) -> Column:
    """A column about the first difference of each row."""
    first = [row[0] for row in rows]
    return Column(title, tuple(map(cell, first)), role, short=tuple(map(short, first)))


def _what(one: Difference) -> str:
    return SHORT.get(one.what, one.what)


def difference_records(comparison: Comparison) -> dict[str, object]:
    """The comparison for a program: every difference, and whether there is any."""
    return {
        "before": comparison.before.target,
        "after": comparison.after.target,
        "same": comparison.same,
        "same_shapes": comparison.same_shapes,
        "differences": comparison.differences,
    }


def _folded(differences: Iterable[Difference]) -> Rows:
    """Differences that say the same of several blocks or skips, together."""
    rows: dict[tuple[object, ...], list[Difference]] = {}
    for one in differences:
        key = one.change, one.part, one.what, one.before, one.after, one.blocks
        rows.setdefault(key, []).append(one)
    return tuple(rows.values())


def _first(row: Sequence[Difference]) -> str:
    one = row[0]
    return f"skip into {one.name}" if one.part == "skip" else one.name or THE_MODEL


def _where(row: Sequence[Difference]) -> str:
    """The block, and how many others the row is about."""
    return _first(row) + (f" and {len(row) - 1} more" if len(row) > 1 else "")


def _short(row: Sequence[Difference]) -> str:
    return _first(row) + (f" +{len(row) - 1}" if len(row) > 1 else "")


def _before(one: Difference) -> str:
    return one.before if one.after else one.before + _together(one)


def _after(one: Difference) -> str:
    return one.after + _together(one) if one.after else ""


def _together(one: Difference) -> str:
    """How many blocks came, went or were renamed with one."""
    return f", {figures.count(one.blocks)} blocks" if one.blocks > 1 else ""


def _summary(comparison: Comparison, hidden: int) -> Iterator[str]:
    if comparison.same:
        law = comparison.before.law and comparison.after.law
        last = "skips, joins and law of sizes" if law else "skips and joins"
        yield f"Nothing differs: the same blocks, shapes, parameters, {last}."
    elif comparison.same_but_for_names:
        yield "Only names differ: all shapes, parameters, skips and joins are the same."
    elif comparison.same_shapes:
        yield "All shapes, parameters, skips and joins are the same."
    if hidden:
        more = figures.plural(hidden, "more difference")
        follow = "follows" if hidden == 1 else "follow"
        yield f"{more} {follow} from these; --all lists every one."
    totals = ", ".join(_totals(comparison))
    if totals:
        yield f"{totals}."


def _totals(comparison: Comparison) -> Iterator[str]:
    """The numbers that differ in total."""
    before, after = comparison.before, comparison.after
    yield from _total("parameters", before.model.parameters, after.model.parameters)
    yield from _total("FLOPs", before.model.flops, after.model.flops)
    yield from _total("blocks", len(before.blocks), len(after.blocks))
    yield from _total("skips", len(before.skips), len(after.skips))


def _total(noun: str, before: Dim | None, after: Dim | None) -> Iterator[str]:
    if before is not None and after is not None and before != after:
        yield f"{_number(before)} {noun} -> {_number(after)}"


def _number(count: Dim) -> str:
    """``12,288``, and of a formula ``12,288·B·H·W``."""
    return figures.count(count) if isinstance(count, int) else figures.grouped_formula(count)
