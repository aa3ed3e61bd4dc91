"""Lock files in tests: a trace equals a lock file if it has the shapes in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from tracer.atomic_write import write_whole
from tracer.record import Trace
from tracer.render.formats.plain import to_plain
from tracer.render.tables.differences import ColumnTitles, difference_table
from tracer.snapshot import (
    LockFileError,
    SizeRulesSpec,
    Snapshot,
    is_damaged,
    read_lock,
    snapshot_of,
    to_lock,
)
from tracer.snapshot.diff import Comparison, compare

ACCEPT_CHANGES = "To accept these changes, run: pytest --shape-lock-update"

LIST_ALL = "pytest -vv"
"""Lists differences that follow from others, too."""

RuleFinder = Callable[[Trace, SizeRulesSpec | None], SizeRulesSpec | None]
"""Finds the size rules of a traced model, given those in the lock file; None if it cannot."""


@dataclass(frozen=True, eq=False)
class ShapeLock:
    """A lock file to compare a trace with: ``assert trace == lock``.

    Names of classes and FLOPs may differ. With `update`, the file is written if anything differs,
    and the trace then equals it. Without `find_rules` the size rules in the file are not checked.
    """

    path: Path
    update: bool = False
    find_rules: RuleFinder | None = None

    __hash__ = None  # type: ignore[assignment]  # it equals objects of another type

    def __eq__(self, other: object) -> bool:
        __tracebackhide__ = True
        if not isinstance(other, Trace):
            return NotImplemented
        comparison = self.compare_with(other)
        if not self.update:
            return comparison is not None and comparison.same_shapes
        if comparison is None:
            self._write(self._snapshot(other, None))
        elif not comparison.same_lock:
            self._write(comparison.after)
        return True

    def compare_with(self, trace: Trace) -> Comparison | None:
        """Compare a trace with the lock file.

        Returns:
            The differences. None if there is no such file, or if it is damaged and will be
            replaced.

        Raises:
            LockFileError: The file is not a lock file, or is damaged and will not be replaced.
        """
        if not self.path.is_file() or (self.update and is_damaged(self.path)):
            return None
        __tracebackhide__ = True
        try:
            before = read_lock(self.path)
        except LockFileError as error:
            raise error.with_traceback(None) from None  # pytest shows the message, and no frames
        return compare(before, self._snapshot(trace, before.size_rules))

    def _snapshot(self, trace: Trace, locked: SizeRulesSpec | None) -> Snapshot:
        snapshot = replace(snapshot_of(trace), size_rules=locked)
        if self.find_rules is None or not (locked or self.update):
            return snapshot
        return replace(snapshot, size_rules=self.find_rules(trace, locked) or locked)

    def _write(self, snapshot: Snapshot) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.path, to_lock(snapshot).encode())


def explain_difference(left: object, right: object, *, every: bool = False) -> list[str] | None:
    """Return the lines that pytest shows if two traces, or a trace and a lock file, differ.

    Args:
        left: One side of the comparison.
        right: The other side.
        every: Whether differences that follow from others are listed, too.

    Returns:
        The lines, or None for objects of other types.

    Raises:
        LockFileError: The lock file cannot be read.
    """
    if isinstance(right, Trace) and isinstance(left, ShapeLock):
        left, right = right, left
    if not isinstance(left, Trace):
        return None
    if isinstance(right, Trace):
        titles = ColumnTitles("left", "right", "two traces that differ", list_all=LIST_ALL)
        return _table_lines(compare(snapshot_of(left), snapshot_of(right)), titles, every=every)
    return _lock_lines(left, right, every=every) if isinstance(right, ShapeLock) else None


def _lock_lines(trace: Trace, lock: ShapeLock, *, every: bool) -> list[str]:
    comparison = lock.compare_with(trace)
    title = f"{trace.target or trace.model} == {lock.path.name}"
    if comparison is None:
        return [
            title,
            f"There is no file {lock.path.resolve()}. To write it, run: pytest --shape-lock-update",
        ]
    titles = ColumnTitles("locked", "now", title, "pytest --shape-lock-update", LIST_ALL)
    advice = () if comparison.may_be_of_version else (ACCEPT_CHANGES,)
    return [*_table_lines(comparison, titles, every=every), *advice]


def _table_lines(comparison: Comparison, titles: ColumnTitles, *, every: bool) -> list[str]:
    """The table of differences; pytest shows its first line next to the assertion."""
    table = difference_table(comparison, titles, every=every)
    return [line for line in to_plain(table).splitlines() if line]
