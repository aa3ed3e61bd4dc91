"""Skips as a picture has them: numbered, each with the way that it took to its join."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tracer.analysis.skips import SkipLink
from tracer.record import Trace


@dataclass(frozen=True, slots=True)
class Skip:
    """A skip link; skips are numbered as the ledger has them, from 1 in the order of the pushes.

    `way` are the names of the values that carried it, from the operand of the join back to the
    value of the link. `pushed` is the one of them that left the block that made it, for a block may
    end in an operation that a link looks through; `left` is the step that made it.
    """

    number: int
    link: SkipLink
    way: tuple[str, ...]
    pushed: str
    left: int

    @property
    def via(self) -> tuple[str, ...]:
        """The operations that were done to it after it left, the nearest to the join last."""
        via = self.link.via
        return via[len(via) - self.way.index(self.pushed) :]


def numbered(trace: Trace, links: Iterable[SkipLink]) -> tuple[Skip, ...]:
    """The skips of a trace in the order of their pushes; of one value, the last popped first."""
    ordered = sorted(links, key=lambda link: (link.pushed, -link.popped))
    return tuple(_skip(trace, number, link) for number, link in enumerate(ordered, 1))


def _skip(trace: Trace, number: int, link: SkipLink) -> Skip:
    joining = trace.steps[link.popped]
    way = *(value.name for value in link.way), link.value.name
    made = {name: trace.producers.get(name, -1) for name in way}
    apart = (n for n, at in made.items() if at < 0 or trace.steps[at].block != joining.block)
    pushed = next(apart, link.value.name)
    return Skip(number, link, way, pushed, made[pushed])
