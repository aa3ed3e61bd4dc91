"""Lock files in tests: a trace is equal to a lock file when it has its shapes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from tracer.record import Trace
from tracer.render.formats.plain import to_plain
from tracer.render.tables.differences import ColumnTitles, difference_table
from tracer.snapshot import LawSpec, Snapshot, blueprint, is_damaged, read_lock, to_lock
from tracer.snapshot.diff import Comparison, compare
from tracer.store import write_whole

MEANT = "If all of this is meant, run pytest --shape-lock-update."


Learn = Callable[[Trace, LawSpec | None], LawSpec | None]
"""How the law of sizes of what was traced is learnt, from the one that is locked."""


@dataclass(frozen=True, eq=False)
class ShapeLock:
    """A lock file, to be compared with a trace: ``assert trace == lock``.

    Names of classes and FLOPs may differ. With `update` the file is written where anything differs,
    and then the trace is equal to it. The law of sizes stays as it is where nothing tells how to
    `learn` it.
    """

    path: Path
    update: bool = False
    learn: Learn | None = None

    __hash__ = None  # type: ignore[assignment]  # it is equal to what is no lock file

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Trace):
            return NotImplemented
        found = self.compared(other)
        if not self.update:
            return found is not None and found.same_shapes
        if found is None or not found.same or found.before.law != found.after.law:
            self._write(found.after if found else self._drawn(other, None))
        return True

    def compared(self, trace: Trace) -> Comparison | None:
        """What tells a trace from the lock file; None where there is no such file.

        Raises LockFileError for a file that is no lock file, or cannot be read and is not to be
        written anew.
        """
        if not self.path.is_file() or (self.update and is_damaged(self.path)):
            return None
        before = read_lock(self.path)
        return compare(before, self._drawn(trace, before.law))

    def _drawn(self, trace: Trace, known: LawSpec | None) -> Snapshot:
        drawn = replace(blueprint(trace), law=known)
        if self.learn is None or not (known or self.update):
            return drawn
        return replace(drawn, law=self.learn(trace, known) or known)

    def _write(self, drawn: Snapshot) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.path, to_lock(drawn).encode())


def explained(left: object, right: object) -> list[str] | None:
    """Why two traces, or a trace and a lock file, are not equal; None for anything else."""
    if isinstance(right, Trace) and isinstance(left, ShapeLock):
        left, right = right, left
    if not isinstance(left, Trace):
        return None
    if isinstance(right, Trace):
        names = ColumnTitles("left", "right", "two traces that differ")
        return _lines(compare(blueprint(left), blueprint(right)), names)
    return _against(left, right) if isinstance(right, ShapeLock) else None


def _against(trace: Trace, lock: ShapeLock) -> list[str]:
    found, name = lock.compared(trace), trace.target or trace.model
    if found is None:
        return [
            f"{name} == {lock.path.name}",
            f"There is no file {lock.path.resolve()}. To write it, run pytest --shape-lock-update.",
        ]
    return [*_lines(found, ColumnTitles("locked", "now", f"{name} == {lock.path.name}")), MEANT]


def _lines(found: Comparison, names: ColumnTitles) -> list[str]:
    """The table, the first line of which pytest shows beside the assertion."""
    return [line for line in to_plain(difference_table(found, names)).splitlines() if line]
