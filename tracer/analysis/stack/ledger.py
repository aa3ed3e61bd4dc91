"""What a ledger holds: plain, frozen data."""

from __future__ import annotations

from dataclasses import dataclass

from tracer.analysis.skips import SkipLink
from tracer.record import Dim, Value


@dataclass(frozen=True, slots=True)
class Moment:
    """When and where a tensor was put aside or taken back.

    `step` is how many steps had run, `block` the call that made the tensor or that it went to (None
    when no block did). `seen` says that a line was observed doing it to a list; otherwise file and
    line are those of the step that made the tensor, or joined it.
    """

    step: int
    block: str | None
    file: str | None
    line: int | None
    seen: bool


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One tensor that waited.

    `stack` names the list (``"hs"``), and is empty when none was seen. `popped` is None for a
    tensor that nothing took back. `joins` are the skips that it became, several where skips are
    dense. After the push `depth` tensors waited on this list, and `held` bytes on all of them (a
    formula in a symbolic trace, None for an unknown dtype). `changed` says that it was changed in
    place before it was popped.
    """

    value: Value
    stack: str
    pushed: Moment
    popped: Moment | None
    joins: tuple[SkipLink, ...]
    depth: int
    held: Dim | None
    changed: bool = False

    @property
    def held_bytes(self) -> int | None:
        """The bytes on all stacks after the push, where they are known as a number."""
        return self.held if isinstance(self.held, int) else None


@dataclass(frozen=True, slots=True)
class OtherList:
    """A list of tensors that is no stack of skips: it was never popped, and joined nothing."""

    name: str
    function: str
    pushes: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """All tensors that waited, in the order in which they were put aside.

    `last_in_first_out` is about each list by itself. `others` are lists that were left out.
    """

    entries: tuple[LedgerEntry, ...]
    last_in_first_out: bool
    others: tuple[OtherList, ...] = ()

    @property
    def observed(self) -> bool:
        """Whether a list was seen at all; otherwise the data flow alone tells the ledger."""
        return any(entry.stack for entry in self.entries)

    @property
    def leftovers(self) -> tuple[LedgerEntry, ...]:
        """What was put aside and never taken back."""
        return tuple(entry for entry in self.entries if entry.popped is None)

    @property
    def unjoined(self) -> tuple[LedgerEntry, ...]:
        """What a list held and gave back, but the data flow shows no join of."""
        return tuple(entry for entry in self.entries if entry.popped and not entry.joins)

    @property
    def unseen(self) -> tuple[LedgerEntry, ...]:
        """The skips that were on no list, although the model keeps one."""
        return tuple(entry for entry in self.entries if self.observed and not entry.stack)

    @property
    def peak(self) -> LedgerEntry | None:
        """The first entry after whose push the most bytes waited."""
        weighed = [entry for entry in self.entries if entry.held_bytes is not None]
        return max(weighed, key=lambda entry: entry.held_bytes or 0, default=None)
