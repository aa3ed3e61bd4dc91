"""The table of the keys of a checkpoint that do not fit a model, block by block."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from tracer.notation import shape_text
from tracer.render import number_format
from tracer.render.formats.table import Column, Table
from tracer.render.tables.block_rows import block_cell
from tracer.snapshot import TensorSpec
from tracer.snapshot.diff.state_dict_comparison import KeyProblem, StateDictComparison

StateRow = Sequence[KeyProblem]
FEW_KEYS = 3
"""The most keys of a block that are named in one row."""


def state_table(verdict: StateDictComparison, title: str = "", *, every: bool = False) -> Table:
    """One row for each block and trouble: its keys, their shapes in the model and in the file.

    Args:
        verdict: What fits and what does not.
        title: The title of the table.
        every: Whether each key has a row of its own.
    """
    rows = tuple((one,) for one in verdict.problems) if every else _rows(verdict.problems)
    return Table(
        title=title,
        columns=(
            Column("", tuple(row[0].trouble for row in rows)),
            Column("block", tuple(block_cell(row[0].block) for row in rows), "path"),
            Column("keys", tuple(map(_keys, rows)), "path"),
            Column("model", tuple(_shape(row, "model") for row in rows), "shape"),
            Column("file", tuple(_shape(row, "file") for row in rows), "shape"),
        ),
        summary=tuple(_summary(verdict)),
    )


def _rows(troubles: Sequence[KeyProblem]) -> tuple[StateRow, ...]:
    """Keys of one block that are missing, or unexpected, together; another shape by itself."""

    def together(one: KeyProblem) -> tuple[str, ...]:
        return one.trouble, one.block, one.key if one.model and one.file else ""

    return tuple(tuple(row) for _, row in groupby(troubles, together))


def _keys(row: StateRow) -> str:
    """The names of the keys below their block; of many, the first ones and how many follow."""
    names = [one.key.removeprefix(f"{one.block}.") for one in row]
    if len(names) <= FEW_KEYS:
        return ", ".join(names)
    return f"{', '.join(names[:FEW_KEYS])} and {len(names) - FEW_KEYS:,} more"


def _shape(row: StateRow, which: str) -> str:
    """The shape of a key that stands alone in its row."""
    spec: TensorSpec | None = getattr(row[0], which)
    return shape_text(spec.shape, spec.dtype) if spec and len(row) == 1 else ""


def _summary(verdict: StateDictComparison) -> Iterator[str]:
    counts = Counter(one.trouble for one in verdict.problems)
    fits = number_format.plural(verdict.matching, "key")
    if not counts:
        yield f"All {fits} fit, and the file holds no others."
    else:
        shapes = f"{number_format.plural(counts['another shape'], 'key')} with a different shape"
        kinds = f"{counts['missing']:,} missing, {counts['unexpected']:,} unexpected"
        verb = "fits" if verdict.matching == 1 else "fit"
        yield f"{fits} {verb}; {kinds}, {shapes}."
    for (file, model), count in verdict.casts.items():
        yield f"{number_format.plural(count, 'key')} will be converted from {file} to {model}."
    yield from _renamed(verdict.renamed)
    yield from verdict.errors
    if verdict.hint:
        prefix, count = verdict.hint
        option = f'with "--prefix {prefix}"' if prefix else "without --prefix"
        yield f"{number_format.plural(count, 'key')} would be found {option}."
    if verdict.origin:
        yield verdict.origin


def _renamed(renamed: Mapping[str, str]) -> Iterator[str]:
    """`1 key is renamed as the model loads it: c.weight_g -> c.original0.`"""
    if not renamed:
        return
    first = [f"{old} -> {new}" for old, new in list(renamed.items())[:FEW_KEYS]]
    rest = len(renamed) - len(first)
    more = f" and {rest:,} more" if rest else ""
    verb = (
        "is renamed as the model loads it"
        if len(renamed) == 1
        else ("are renamed as the model loads them")
    )
    yield f"{number_format.plural(len(renamed), 'key')} {verb}: {', '.join(first)}{more}."
