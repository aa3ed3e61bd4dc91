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
    SizeRulesSpec,
    Snapshot,
    is_damaged,
    read_lock,
    snapshot_of,
    to_lock,
)
from tracer.snapshot.diff import Comparison, compare

ACCEPT_CHANGES = "To accept these changes, run: pytest --shape-lock-update"

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
        before = read_lock(self.path)
        return compare(before, self._snapshot(trace, before.size_rules))

    def _snapshot(self, trace: Trace, locked: SizeRulesSpec | None) -> Snapshot:
        snapshot = replace(snapshot_of(trace), size_rules=locked)
        if self.find_rules is None or not (locked or self.update):
            return snapshot
        return replace(snapshot, size_rules=self.find_rules(trace, locked) or locked)

    def _write(self, snapshot: Snapshot) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.path, to_lock(snapshot).encode())


def explain_difference(left: object, right: object) -> list[str] | None:
    """Return the lines that pytest shows if two traces, or a trace and a lock file, differ.

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
        titles = ColumnTitles("left", "right", "two traces that differ")
        return _table_lines(compare(snapshot_of(left), snapshot_of(right)), titles)
    return _lock_lines(left, right) if isinstance(right, ShapeLock) else None


def _lock_lines(trace: Trace, lock: ShapeLock) -> list[str]:
    comparison = lock.compare_with(trace)
    title = f"{trace.target or trace.model} == {lock.path.name}"
    if comparison is None:
        return [
            title,
            f"There is no file {lock.path.resolve()}. To write it, run: pytest --shape-lock-update",
        ]
    titles = ColumnTitles("locked", "now", title, "pytest --shape-lock-update")
    advice = () if comparison.may_be_of_version else (ACCEPT_CHANGES,)
    return [*_table_lines(comparison, titles), *advice]


def _table_lines(comparison: Comparison, titles: ColumnTitles) -> list[str]:
    """The table of differences; pytest shows its first line next to the assertion."""
    return [line for line in to_plain(difference_table(comparison, titles)).splitlines() if line]
