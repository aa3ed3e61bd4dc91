"""The table of the differences between two models, and the sentences below it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from tracer.record import Dim
from tracer.render import number_format
from tracer.render.formats.table import Column, ColumnRole, Narrowing, Table
from tracer.render.tables.block_rows import block_cell
from tracer.snapshot.diff import Comparison, Difference
from tracer.snapshot.diff.difference import FLOPS, LayerCounts
from tracer.snapshot.skip_text import NOT_JOINED

SHORT_WORDS = {
    "parameters": "params",
    "residual additions": "residuals",
    "done on the way": "on the way",
}

Rows = Sequence[Sequence[Difference]]
DifferenceCell = Callable[[Difference], str]


@dataclass(frozen=True, slots=True)
class ColumnTitles:
    """The titles of the columns of the two models, and of the table.

    `rewrite` is the command that writes the lock file again, `list_all` the option that lists
    differences that follow from others.
    """

    before: str = "before"
    after: str = "after"
    title: str = ""
    rewrite: str = "unet-trace check TARGET FILE --update"
    list_all: str = "--all"


def difference_table(comparison: Comparison, names: ColumnTitles, *, every: bool = False) -> Table:
    """Return the differences that do not follow from others or, with `every`, all of them.

    Equal differences of several blocks share one row. Those from a lock file of an older version
    may all come from that, and are counted instead unless `every` is set.
    """
    shown = comparison.differences if every else comparison.root_causes
    if comparison.may_be_of_version and not every:
        shown = ()
    rows = _folded(shown)
    places = _places(comparison, names, rows)
    return Table(
        title=names.title,
        columns=(
            Column("", tuple(row[0].change for row in rows)),
            *places,
            _column("what", "text", rows, lambda one: one.what, _what),
            _column(names.before, "shape", rows, _before, lambda one: _value(one, one.before)),
            _column(names.after, "shape", rows, _after, lambda one: _value(one, one.after)),
        ),
        summary=(*_mode(comparison, names), *_summary(comparison, names, every=every)),
        narrowing=tuple(
            Narrowing(title, "shorten")
            for title in (*(place.title for place in places), "what", names.before, names.after)
        ),
    )


def _places(comparison: Comparison, names: ColumnTitles, rows: Rows) -> tuple[Column, ...]:
    """The blocks of each row; for two code bases, by their names in each of them."""
    where = Column("where", tuple(map(_where, rows)), "path", short=tuple(map(_short, rows)))
    if comparison.layers is None:
        return (where,)
    old = tuple(
        () if row[0].change == "added" else [_as_before(one, comparison) for one in row]
        for row in rows
    )
    new = tuple(() if row[0].change == "removed" else row for row in rows)
    return tuple(
        Column(
            f"in {name}",
            tuple(_where(row) if row else "" for row in side),
            "path",
            short=tuple(_short(row) if row else "" for row in side),
        )
        for name, side in ((names.before, old), (names.after, new))
    )


def _column(
    title: str, role: ColumnRole, rows: Rows, cell: DifferenceCell, short: DifferenceCell
) -> Column:
    """A column about the first difference of each row."""
    first = [row[0] for row in rows]
    return Column(title, tuple(map(cell, first)), role, short=tuple(map(short, first)))


def _what(one: Difference) -> str:
    return SHORT_WORDS.get(one.what, one.what)


def difference_records(comparison: Comparison) -> dict[str, object]:
    """Return the comparison as data: every difference, and whether there is any."""
    return {
        "before": comparison.before.target,
        "after": comparison.after.target,
        "same": comparison.same,
        "same_shapes": comparison.same_shapes,
        "same_but_for_names": comparison.same_but_for_names,
        "layers": comparison.layers,
        "differences": comparison.differences,
    }


def _as_before(one: Difference, comparison: Comparison) -> Difference:
    """The same difference by the name that the block has in the first model, if it is there."""
    if one.change == "removed":
        return one
    return replace(one, name=one.old_name or comparison.old_names.get(one.name, one.name))


def _folded(differences: Iterable[Difference]) -> Rows:
    """Differences that say the same of several blocks or skips, together."""
    rows: dict[tuple[object, ...], list[Difference]] = {}
    for one in differences:
        key = one.change, one.part, one.what, one.before, one.after, one.blocks
        rows.setdefault(key, []).append(one)
    return tuple(rows.values())


def _first(row: Sequence[Difference]) -> str:
    one = row[0]
    if one.part == "skip":
        unjoined = one.what == "skip" and NOT_JOINED in f"{one.before}{one.after}"
        return f"skip {'from' if unjoined else 'into'} {one.name}"
    return block_cell(one.name)


def _where(row: Sequence[Difference]) -> str:
    """The block, and how many others the row is about."""
    return _first(row) + (f" and {len(row) - 1} more" if len(row) > 1 else "")


def _short(row: Sequence[Difference]) -> str:
    return _first(row) + (f" +{len(row) - 1}" if len(row) > 1 else "")


def _before(one: Difference) -> str:
    text = _value(one, one.before)
    return text if one.after else text + _together(one)


def _after(one: Difference) -> str:
    return _value(one, one.after) + _together(one) if one.after else ""


def _value(one: Difference, text: str) -> str:
    """A formula of FLOPs as tables write it, `12,288·B·H·W`; anything else as it is."""
    is_formula = one.what == FLOPS and any(map(str.isalpha, text))
    return number_format.grouped_formula(text) if is_formula else text


def _together(one: Difference) -> str:
    """How many blocks came, went or were renamed with one."""
    return f", {number_format.count(one.blocks)} blocks" if one.blocks > 1 else ""


def _mode(comparison: Comparison, names: ColumnTitles) -> Iterator[str]:
    """Where the two models ran in different modes, which change costs and sizes."""
    if comparison.modes_differ:
        before, after = comparison.before.mode, comparison.after.mode
        yield f"{names.before}: {before} mode; {names.after}: {after} mode."


OLDER = "This lock file was written by an older version of unet-trace"


def _summary(comparison: Comparison, names: ColumnTitles, *, every: bool) -> Iterator[str]:
    if comparison.may_be_of_version and not every:
        count = number_format.plural(len(comparison.differences), "difference")
        yield f"{OLDER}; {count} may come from that: rewrite it with `{names.rewrite}`."
        return
    if comparison.is_with_older and not comparison.same:
        yield f"{OLDER}; some of the differences may come from that."
    if comparison.layers is not None:
        yield from _of_two_code_bases(comparison, comparison.layers)
    elif comparison.same:
        law = comparison.before.size_rules and comparison.after.size_rules
        last = "skips, joins and size rules" if law else "skips and joins"
        yield f"Nothing differs: the same blocks, shapes, parameters, {last}."
    elif comparison.same_but_for_names:
        yield "Only names differ: all shapes, parameters, skips and joins are the same."
    elif comparison.same_shapes:
        yield "All shapes, parameters, skips and joins are the same."
    hidden = [] if every else [one for one in comparison.differences if not one.begins]
    yield from _hidden(hidden, names.list_all, elsewhere=comparison.layers is not None)
    totals = ", ".join(_totals(comparison))
    if totals:
        yield f"{totals}."


def _of_two_code_bases(comparison: Comparison, layers: LayerCounts) -> Iterator[str]:
    """Whether it is the same model in another code base."""
    if not comparison.same_but_for_names:
        of_both = f"{layers.before:,} and {layers.after:,}"
        paired = number_format.plural(layers.paired, "layer")
        yield f"{paired} of {of_both} were paired by structure."
        yield "Names and the grouping into modules were not compared."
        return
    skips = number_format.plural(len(comparison.after.skips), "skip")
    traced = comparison.before.trace and comparison.after.trace
    yield f"The same structure: all {number_format.plural(layers.paired, 'layer')} and {skips}."
    if traced:
        yield "Their shapes and parameters, what feeds each of them, and the joins are the same."
    else:
        yield "Their shapes, parameters and joins are the same."
    yield "Only names and the grouping into modules differ."


def _hidden(hidden: Sequence[Difference], option: str, *, elsewhere: bool) -> Iterator[str]:
    """What is not shown: names that differ between code bases, and differences that follow."""
    names = sum(one.blocks for one in hidden if one.change == "renamed")
    follow = [one for one in hidden if not (elsewhere and one.change == "renamed")]
    if follow:
        more = number_format.plural(len(follow), "more difference")
        are = "is a consequence" if len(follow) == 1 else "are consequences"
        yield f"{more} {are} of these; {_how_to_list(len(follow), option)}."
    if elsewhere and names:
        have = "has another name" if names == 1 else "have other names"
        yield f"{number_format.plural(names, 'block')} {have}; {_how_to_list(names, option)}."


def _how_to_list(hidden: int, option: str) -> str:
    return f"use {option} to list {'it' if hidden == 1 else 'them'}"


def _totals(comparison: Comparison) -> Iterator[str]:
    """The numbers that differ in total."""
    before, after = comparison.before, comparison.after
    yield from _total("parameters", before.model.parameters, after.model.parameters)
    yield from _total("FLOPs", before.model.flops, after.model.flops)
    if comparison.layers is None:
        yield from _total("blocks", len(before.blocks), len(after.blocks))
    else:
        yield from _total("layers", comparison.layers.before, comparison.layers.after)
    yield from _total("skips", len(before.skips), len(after.skips))


def _total(noun: str, before: Dim | None, after: Dim | None) -> Iterator[str]:
    if before is not None and after is not None and before != after:
        yield f"{_number(before)} {noun} -> {_number(after)}"


def _number(count: Dim) -> str:
    """``12,288``, and of a formula ``12,288·B·H·W``."""
    return (
        number_format.count(count)
        if isinstance(count, int)
        else number_format.grouped_formula(count)
    )
