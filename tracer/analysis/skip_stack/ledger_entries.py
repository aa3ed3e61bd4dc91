"""The skip stack of a model as data: one entry per tensor that was pushed or joined as a skip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tracer.analysis.skips import SkipLink
from tracer.record import Dim, Step, Value

Taken = Literal["popped", "read", "replaced", "joined", "failed", "left"]
"""How a tensor was taken from its list.

`popped` and `read` as the lines did it; `replaced` where a line put another tensor in its place;
`joined` where no line was observed, only the join; `failed` where the join raised an exception;
`left` where it never was.
"""


@dataclass(frozen=True, slots=True)
class Moment:
    """When and where a tensor was pushed or taken.

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
        pushed: Where it was pushed. Its block is the one that made the tensor, as it was observed
            at the push, whatever the data flow says.
        popped: Where it was taken; None if it never was.
        joins: The skips that it became, several where skips are dense.
        depth: The tensors on this list after the push.
        total_bytes: The bytes on all lists after the push: a formula in a symbolic trace, None for
            an unknown dtype.
        changed: It was changed in place before it was popped.
        taken: How it was taken.
        source_differs: The data flow names another block as the source of its skip.
    """

    value: Value
    stack: str
    pushed: Moment
    popped: Moment | None
    joins: tuple[SkipLink, ...]
    depth: int
    total_bytes: Dim | None
    changed: bool = False
    taken: Taken = "popped"
    source_differs: bool = False

    @property
    def byte_count(self) -> int | None:
        """The bytes on all lists after the push; None where they are not known as a number."""
        return self.total_bytes if isinstance(self.total_bytes, int) else None

    @property
    def stays_on_list(self) -> bool:
        """Whether it was observed on a list, and never left it."""
        is_taken_off = self.popped is not None and self.taken in {"popped", "replaced"}
        return bool(self.stack) and not is_taken_off

    @property
    def shown_by_list_alone(self) -> bool:
        """Whether it is a skip that the data flow does not show."""
        return bool(self.joins) and not any(link.in_data_flow for link in self.joins)


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
    `failed` is the operation that ended the run, if the model failed.
    """

    entries: tuple[LedgerEntry, ...]
    last_in_first_out: bool
    others: tuple[OtherList, ...] = ()
    failed: Step | None = None

    @property
    def observed(self) -> bool:
        """Whether a list was observed at all; otherwise all entries are from the data flow."""
        return any(entry.stack for entry in self.entries)

    @property
    def leftovers(self) -> tuple[LedgerEntry, ...]:
        """The tensors that were pushed, and neither popped nor joined."""
        return tuple(entry for entry in self.entries if entry.popped is None)

    @property
    def unjoined(self) -> tuple[LedgerEntry, ...]:
        """The tensors that were popped, but that no join of the data flow took."""
        return self._taken("popped", joined=False)

    @property
    def unobserved(self) -> tuple[LedgerEntry, ...]:
        """The skips that were on no list, although the model has one."""
        unseen = tuple(entry for entry in self.entries if not entry.stack)
        return unseen if self.observed else ()

    @property
    def disagreements(self) -> tuple[LedgerEntry, ...]:
        """The tensors that the list and the data flow have from two different blocks."""
        return tuple(entry for entry in self.entries if entry.source_differs)

    @property
    def peak(self) -> LedgerEntry | None:
        """The first entry after whose push the most bytes were on all lists."""
        entries = [entry for entry in self.entries if entry.byte_count is not None]
        return max(entries, key=lambda entry: entry.byte_count or 0, default=None)

    def _taken(self, taken: Taken, *, joined: bool) -> tuple[LedgerEntry, ...]:
        entries = (entry for entry in self.entries if entry.taken == taken)
        return tuple(entry for entry in entries if bool(entry.joins) == joined)
