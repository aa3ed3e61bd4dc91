"""The skips and the skip stack of a trace, as rows of a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tracer.analysis.levels.numbered_skips import NumberedSkip
from tracer.analysis.skip_stack import Ledger, LedgerEntry, Moment
from tracer.record import Trace
from tracer.render.explorer.interning import NOTHING, TensorPools


class SkipWriter:
    """Writes skips and entries of the stack.

    Args:
        trace: The trace.
        pools: Where tensors get their numbers.
        blocks: The numbers of blocks by their calls.
        files: The numbers of files by their names.
    """

    def __init__(
        self,
        trace: Trace,
        pools: TensorPools,
        blocks: Mapping[str, int],
        files: Mapping[str, int],
    ) -> None:
        self.pools = pools
        self.blocks = blocks
        self.files = files
        self.pushes: dict[tuple[str, str], list[int]] = {}
        self.pops: dict[tuple[str, str], list[int]] = {}
        for number, line in enumerate(trace.lines):
            for change in line.changes:
                found = self.pushes if change.kind == "push" else self.pops
                found.setdefault((change.name, change.value.name), []).append(number)
            for name, value in line.reads:
                self.pops.setdefault((name, value.name), []).append(number)
        self.lines = trace.lines

    def skips(self, numbered: Sequence[NumberedSkip], ledger: Ledger) -> list[dict[str, Any]]:
        """Return the skips in the order of their numbers."""
        entries = {id(link): entry for entry in ledger.entries for link in entry.joins}
        return [self.skip(one, entries.get(id(one.link))) for one in numbered]

    def skip(self, numbered: NumberedSkip, entry: LedgerEntry | None) -> dict[str, Any]:
        link, pools = numbered.link, self.pools
        return {
            "number": numbered.number,
            "source": self.blocks[link.source],
            "target": self.blocks[link.target],
            "value": pools.value(link.value),
            "joined": pools.value(link.joined),
            "result": pools.value(link.result),
            "join": link.join,
            "operands": pools.values_of(link.operands),
            "pushed": link.pushed,
            "popped": link.popped,
            "via": list(numbered.via),
            "list": entry.stack if entry else "",
            "push_line": self.line(self.pushes, entry, entry.pushed if entry else None),
            "pop_line": self.line(self.pops, entry, entry.popped if entry else None),
        }

    def line(
        self,
        events: Mapping[tuple[str, str], list[int]],
        entry: LedgerEntry | None,
        moment: Moment | None,
    ) -> int:
        """The number of the line that pushed or took an entry, `NOTHING` if none was observed."""
        if entry is None or moment is None or not moment.observed:
            return NOTHING
        for number in events.get((entry.stack, entry.value.name), ()):
            line = self.lines[number]
            if (line.file, line.line, line.last) == (moment.file, moment.line, moment.step):
                return number
        return NOTHING

    def ledger(self, ledger: Ledger, numbered: Sequence[NumberedSkip]) -> list[dict[str, Any]]:
        """Return the entries of the stack in the order of the pushes."""
        numbers = {id(one.link): one.number - 1 for one in numbered}
        return [
            {
                "value": self.pools.value(entry.value),
                "stack": entry.stack,
                "depth": entry.depth,
                "bytes": self.pools.dim(entry.total_bytes),
                "pushed": self.moment(entry.pushed),
                "popped": self.moment(entry.popped) if entry.popped else None,
                "taken": entry.taken,
                "skips": [numbers[id(link)] for link in entry.joins],
            }
            for entry in ledger.entries
        ]

    def moment(self, moment: Moment) -> dict[str, Any]:
        return {
            "step": moment.step,
            "block": self.blocks.get(moment.block or "", NOTHING)
            if moment.block is not None
            else NOTHING,
            "file": self.files.get(moment.file or "", NOTHING),
            "line": moment.line or 0,
        }
