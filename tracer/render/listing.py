"""The rows that a reader asked for: to some depth, of some paths, repeated blocks folded."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

from tracer.record import Block, Trace
from tracer.render.fold import Part, range_of, runs
from tracer.render.patterns import is_meant, require_each
from tracer.render.rows import Row, rows


@dataclass(frozen=True, slots=True)
class View:
    """What is shown of a trace.

    `depth` counts levels below the model; None is all. Of `paths`, patterns as in
    `tracer.render.patterns`, a row has to fit one; none leave everything. `context` adds the rows
    that lead to those. `fold` makes one row of blocks that follow one another and are alike.
    """

    depth: int | None = None
    paths: tuple[str, ...] = ()
    fold: bool = False
    context: bool = True


ALL = View()


@dataclass(frozen=True, slots=True)
class Listed:
    """A row as it is shown, or several that are alike: then `row` is the first of `folded`.

    `name` is what tells it from its siblings, `path` all that leads there. It is on the page for
    `times` rows: the rows above it may stand for several, too. One that was not `asked` for is
    there to lead to others.
    """

    row: Row
    name: str
    path: str
    folded: tuple[Row, ...]
    times: int
    asked: bool

    @property
    def repeats(self) -> int:
        """How many siblings it stands for, itself counted; the calls of one module are one."""
        return len({row.path for row in self.folded})


@dataclass(frozen=True, slots=True)
class Node:
    """A row, the rows shown below it, and what has to be alike for it to fold."""

    row: Row
    below: tuple[Node, ...]
    part: Part
    asked: bool


def listing(trace: Trace, view: View = ALL) -> tuple[Listed, ...]:
    """The rows of a trace in the order of the calls.

    Raises TraceError for a pattern that no row fits.
    """
    found = rows(trace)
    require_each(view.paths, map(_call, found), trace)
    listed = _listed(_tree(trace, found, view), 1, fold=view.fold)
    return tuple(one for one in listed if one.asked or view.context)


def _tree(trace: Trace, found: Sequence[Row], view: View) -> Sequence[Node]:
    """The rows that are shown, built from the last to the first: the model, with all below it."""
    nodes: dict[int, list[Node]] = {}
    blocks: dict[int, list[Block]] = {}
    wanted = _asked(found, view.paths)
    for row, asked in zip(reversed(found), reversed(wanted), strict=True):
        below = tuple(reversed(nodes.pop(row.level + 1, [])))
        inside = blocks.pop(row.level + 1, [])
        here = inside if row.call is None else [trace.blocks[row.call]]
        blocks.setdefault(row.level, []).extend(here)
        if asked or below or row.level == 0:
            part = Part(_call(row), tuple(reversed(here)))
            deepest = view.depth is not None and row.level >= view.depth
            node = Node(row, () if deepest else below, part, asked)
            nodes.setdefault(row.level, []).append(node)
    return nodes[0]


def _asked(found: Sequence[Row], paths: tuple[str, ...]) -> list[bool]:
    """For each row whether it is meant, or stands below one that is."""
    asked = []
    above: int | None = None
    for row in found:
        if above is None or row.level <= above:
            above = row.level if not paths or is_meant(_call(row), paths) else None
        asked.append(above is not None)
    return asked


def _listed(siblings: Sequence[Node], times: int, *, fold: bool) -> Iterator[Listed]:
    found = runs(siblings, lambda node: node.part, _is_shown_alike) if fold else zip(siblings)
    for run in found:
        one = _run(run, times)
        yield one
        yield from _listed(run[0].below, one.times, fold=fold)


def _run(run: Sequence[Node], times: int) -> Listed:
    first, count = run[0], len(run)
    name, path = first.row.name, _call(first.row) or first.row.name
    if count > 1:
        name = f"{range_of(name, run[-1].row.name)} × {count}"
        path = f"{range_of(path, _call(run[-1].row))} × {count}"
    return Listed(
        first.row, name, path, tuple(node.row for node in run), times * count, first.asked
    )


def _is_shown_alike(one: Node, other: Node) -> bool:
    """Whether two rows show the same rows below, and both or neither was counted before."""
    counted = one.row.counted == other.row.counted or one.row.path == other.row.path
    return counted and _shown(one) == _shown(other)


def _shown(node: Node) -> Hashable:
    below = tuple((child.row.name.partition("@")[0], _shown(child)) for child in node.below)
    return node.asked, below


def _call(row: Row) -> str:
    """The call of a row; of a group, the path."""
    return row.path if row.call is None else row.call
