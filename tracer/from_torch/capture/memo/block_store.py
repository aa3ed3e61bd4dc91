"""The blocks that a process knows, by the state of the call in which they were recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, Final

from torch import Tensor
from torch.nn import functional

from tracer.from_torch.capture.memo.block_kinds import BlockKinds
from tracer.from_torch.capture.memo.block_record import RecordedBlock
from tracer.from_torch.capture.memo.guards import Guard
from tracer.from_torch.capture.memo.purity import RanFunction
from tracer.from_torch.capture.memo.watched import WatchedObject


@dataclass(slots=True)
class KnownBlock:
    """What a call did, the functions that ran in it, and what has to hold for another one.

    `used` says when it was last needed, as a number that grows.
    """

    block: RecordedBlock
    ran: dict[int, RanFunction]
    guards: tuple[Guard, ...]
    used: int = 0


MOST_BROKEN_GUARDS: Final = 5
"""So often the guards of equal calls may fail: then recording them again is not worth it."""


class BlockStore:
    """Blocks that need not run again, kinds of blocks that have to, and what decides that."""

    LIMIT: Final = 60_000
    """The most operations that are held: about 50 MB. What was not needed longest goes first."""

    SEEN_LIMIT: Final = 100_000

    def __init__(self) -> None:
        self.kinds = BlockKinds()
        self.impure: set[int] = set()
        """The kinds of blocks that cannot be recorded again."""
        self.watched: dict[int, WatchedObject] = {}
        """What is looked at before a block runs, by its id."""
        self._blocks: dict[Hashable, KnownBlock] = {}
        self._seen: set[int] = set()
        """The hashes of the kinds and inputs of calls that may come again."""
        self._changes: Counter[Hashable] = Counter()
        """How often something that a block depended on had changed."""
        self._functions: list[Any] = []
        """The functions of PyTorch that its own code calls, when the blocks were added."""
        self._operations = 0
        self._uses = 0

    def get(self, key: Hashable, kind: int) -> KnownBlock | None:
        """Return what an equal call did, if all that it depended on is still the same.

        Where that often is not, blocks of this kind are not looked at any more.
        """
        functions = [*vars(functional).values(), *vars(Tensor).values()]
        if functions != self._functions:  # another package has replaced one
            self._functions, self._operations = functions, 0
            self._blocks.clear()
        known = self._blocks.get(key)
        if known is None:
            return None
        if not all(guard.holds() for guard in known.guards):
            self._changes[key] += 1
            if self._changes[key] > MOST_BROKEN_GUARDS:
                self.impure.add(kind)
            return None
        self._uses += 1
        known.used = self._uses
        return known

    def was_seen(self, key: Hashable) -> bool:
        """Whether this was asked about a call with this kind and these inputs before."""
        number = hash(key)
        was_seen = number in self._seen
        if len(self._seen) > self.SEEN_LIMIT:
            self._seen.clear()
        self._seen.add(number)
        return was_seen

    def add(self, key: Hashable, known: KnownBlock) -> None:
        """Add what a call did."""
        self._uses += 1
        known.used = self._uses
        self._operations += 1 + len(known.block.operations)
        self._blocks[key] = known
        if self._operations > self.LIMIT:
            self._forget()

    def _forget(self) -> None:
        """Drop the half that was not needed longest."""
        by_use = sorted(self._blocks.items(), key=lambda item: item[1].used)
        self._blocks = dict(by_use[len(by_use) // 2 :])
        self._operations = sum(1 + len(one.block.operations) for one in self._blocks.values())
