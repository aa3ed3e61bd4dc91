"""The skip stack of a model as data: one entry per tensor that was pushed or joined as a skip."""

from __future__ import annotations

from dataclasses import dataclass

from tracer.analysis.skips import SkipLink
from tracer.record import Dim, Value


@dataclass(frozen=True, slots=True)
class Moment:
    """When and where a tensor was pushed or popped.

    Attributes:
        step: How many steps had run.
        block: The call that made the tensor, or that it went to; None if no block did.
        file: The source file, None if it was not recorded.
        line: The line in it.
        observed: A line was observed doing it to a list. Otherwise `file` and `line` are those of
            the step that made the tensor, or joined it.
    """

    step: int
    block: str | None
    file: str | None
    line: int | None
    observed: bool


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One tensor on the skip stack.

    Attributes:
        value: The tensor as it was pushed.
        stack: The name of the list (``"hs"``), empty if none was observed.
        pushed: Where it was pushed.
        popped: Where it was popped; None if it never was.
        joins: The skips that it became, several where skips are dense.
        depth: The tensors on this list after the push.
        total_bytes: The bytes on all lists after the push: a formula in a symbolic trace, None for
            an unknown dtype.
        changed: It was changed in place before it was popped.
    """

    value: Value
    stack: str
    pushed: Moment
    popped: Moment | None
    joins: tuple[SkipLink, ...]
    depth: int
    total_bytes: Dim | None
    changed: bool = False

    @property
    def byte_count(self) -> int | None:
        """The bytes on all lists after the push; None where they are not known as a number."""
        return self.total_bytes if isinstance(self.total_bytes, int) else None


@dataclass(frozen=True, slots=True)
class OtherList:
    """A list of tensors that is no stack of skips: it was never popped, and joined nothing."""

    name: str
    function: str
    pushes: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """The entries in the order of the pushes.

    `last_in_first_out` is about each list by itself. `others` are lists that were left out.
    """

    entries: tuple[LedgerEntry, ...]
    last_in_first_out: bool
    others: tuple[OtherList, ...] = ()

    @property
    def observed(self) -> bool:
        """Whether a list was observed at all; otherwise all entries are from the data flow."""
        return any(entry.stack for entry in self.entries)

    @property
    def leftovers(self) -> tuple[LedgerEntry, ...]:
        """The tensors that were pushed and never popped."""
        return tuple(entry for entry in self.entries if entry.popped is None)

    @property
    def unjoined(self) -> tuple[LedgerEntry, ...]:
        """The tensors that were popped, but that no join of the data flow took."""
        return tuple(entry for entry in self.entries if entry.popped and not entry.joins)

    @property
    def unobserved(self) -> tuple[LedgerEntry, ...]:
        """The skips that were on no list, although the model has one."""
        return tuple(entry for entry in self.entries if self.observed and not entry.stack)

    @property
    def peak(self) -> LedgerEntry | None:
        """The first entry after whose push the most bytes were on all lists."""
        entries = [entry for entry in self.entries if entry.byte_count is not None]
        return max(entries, key=lambda entry: entry.byte_count or 0, default=None)
