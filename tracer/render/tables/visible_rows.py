"""The rows that a table shows: down to some depth, of some paths, with repeated blocks folded."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from tracer.errors import TraceError
from tracer.record import Block, Trace
from tracer.render.tables.block_rows import BlockRow, rows
from tracer.render.tables.fold_repeats import Foldable, range_of, runs
from tracer.render.tables.path_filters import matches_any, require_matches


@dataclass(frozen=True, slots=True)
class RowSelection:
    """Which rows of a trace are shown.

    Attributes:
        depth: The number of levels below the model; None shows all.
        paths: Patterns as in `tracer.render.tables.path_filters`; a row has to match one of them.
            Without patterns every row matches.
        fold: Whether blocks that follow one another and are alike become one row.
        context: Whether the rows above those that match are shown, too.
    """

    depth: int | None = None
    paths: tuple[str, ...] = ()
    fold: bool = False
    context: bool = True


ALL_ROWS = RowSelection()


@dataclass(frozen=True, slots=True)
class VisibleRow:
    """A row as it is shown: one call or group, or several that are alike and were folded.

    Attributes:
        rows: The row, or the rows that were folded into it.
        blocks: The calls that the first of `rows` is about.
        parent: The row that this one is below.
        is_match: Whether it was selected; other rows only give context.
    """

    rows: tuple[BlockRow, ...]
    blocks: tuple[Block, ...]
    parent: VisibleRow | None
    is_match: bool

    @property
    def row(self) -> BlockRow:
        """The first of its rows, which speaks for all of them."""
        return self.rows[0]

    @property
    def name(self) -> str:
        """Its name among its siblings: `block.0–1 × 2`."""
        return _ranged([row.name for row in self.rows])

    @property
    def path(self) -> str:
        """Its whole path: `down.0.block.0–1 × 2`; for the model, its name."""
        return _ranged([_call(row) or row.name for row in self.rows])

    @property
    def times(self) -> int:
        """The number of rows that it stands for."""
        return len(self.rows) * (self.parent.times if self.parent else 1)

    @property
    def members(self) -> int:
        """The number of modules that it stands for; a module called twice counts once."""
        return len({row.path for row in self.rows})

    @property
    def modules(self) -> int:
        """The number of modules that it stands for, including those of folded rows above it."""
        return self.members * (self.parent.modules if self.parent else 1)


@dataclass(frozen=True, slots=True)
class Node:
    """A row, the rows shown below it, and what has to be alike for it to fold."""

    row: BlockRow
    below: tuple[Node, ...]
    part: Foldable
    is_match: bool


def select_rows(trace: Trace, view: RowSelection = ALL_ROWS) -> tuple[VisibleRow, ...]:
    """Return the rows of a trace that are shown, in the order of the calls.

    Raises:
        TraceError: A pattern matches no block, or only blocks below the depth.
    """
    found = rows(trace)
    require_matches(view.paths, trace.blocks, trace)
    visible = tuple(_visible(_tree(trace, found, view), None, fold=view.fold))
    if not any(one.is_match for one in visible):
        raise _too_deep(found, view)
    return tuple(one for one in visible if one.is_match or view.context)


def _too_deep(found: Sequence[BlockRow], view: RowSelection) -> TraceError:
    """The error for patterns all of whose blocks are below the depth that is shown."""
    matches = zip(found, _matches(found, view.paths), strict=True)
    first = min((row for row, is_match in matches if is_match), key=lambda row: row.level)
    return TraceError(
        f"Nothing that matches is within depth {view.depth}: {_call(first)} is at depth "
        f"{first.level}. Give that depth or more, or leave it out."
    )


def _tree(trace: Trace, found: Sequence[BlockRow], view: RowSelection) -> Sequence[Node]:
    """The rows that are shown, built from the last to the first: the model, with all below it."""
    nodes: dict[int, list[Node]] = {}
    blocks: dict[int, list[Block]] = {}
    matches = _matches(found, view.paths)
    for row, is_match in zip(reversed(found), reversed(matches), strict=True):
        below = tuple(reversed(nodes.pop(row.level + 1, [])))
        inside = blocks.pop(row.level + 1, [])
        here = inside if row.call is None else [trace.blocks[row.call]]
        blocks.setdefault(row.level, []).extend(here)
        if is_match or below or row.level == 0:
            part = Foldable(_call(row), tuple(reversed(here)))
            deepest = view.depth is not None and row.level >= view.depth
            node = Node(row, () if deepest else below, part, is_match)
            nodes.setdefault(row.level, []).append(node)
    return nodes[0]


def _matches(found: Sequence[BlockRow], paths: tuple[str, ...]) -> list[bool]:
    """For each row, whether it matches or is below one that does."""
    found_match = []
    above: int | None = None
    for row in found:
        if above is None or row.level <= above:
            above = row.level if not paths or matches_any(_call(row), paths) else None
        found_match.append(above is not None)
    return found_match


def _visible(
    siblings: Sequence[Node], parent: VisibleRow | None, *, fold: bool
) -> Iterator[VisibleRow]:
    """The rows of siblings, and of what is below each."""
    found = runs(siblings, lambda node: node.part, _is_shown_alike) if fold else zip(siblings)
    for run in found:
        rows_of_run = tuple(node.row for node in run)
        one = VisibleRow(rows_of_run, run[0].part.blocks, parent, run[0].is_match)
        yield one
        yield from _visible(run[0].below, one, fold=fold)


def _ranged(names: Sequence[str]) -> str:
    return f"{range_of(names[0], names[-1])} × {len(names)}" if len(names) > 1 else names[0]


def _is_shown_alike(one: Node, other: Node) -> bool:
    """Whether two rows show the same rows below, and both or neither was counted before."""
    counted = one.row.counted == other.row.counted or one.row.path == other.row.path
    return counted and _shown(one) == _shown(other)


def _shown(node: Node) -> Hashable:
    below = tuple((child.row.name.partition("@")[0], _shown(child)) for child in node.below)
    return node.is_match, below


def _call(row: BlockRow) -> str:
    """The call of a row; of a group, the path."""
    return row.path if row.call is None else row.call
