"""The skips of a trace, numbered as the ledger numbers them, for diagrams."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tracer.analysis.operations import CAT_JOIN, traits
from tracer.analysis.skips import SkipLink
from tracer.record import Trace


@dataclass(frozen=True, slots=True)
class NumberedSkip:
    """A skip with its number, from 1 in the order of the pushes.

    Attributes:
        number: The number.
        link: The skip.
        path: The names of the values from the operand of the join back to the value of the link.
        source_value: The one of them that left the block that made it. That may be another than the
            value of the link, because a link is followed through operations at the end of a block.
        source_step: The number of the step that made it, -1 for an input of the model.
        operands: The names of the concatenations between the join and the path, from the operand of
            the join back: a concatenation of concatenations counts as one join.
    """

    number: int
    link: SkipLink
    path: tuple[str, ...]
    source_value: str
    source_step: int
    operands: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all values from the operand of the join back to the value of the link."""
        return self.operands + self.path

    @property
    def via(self) -> tuple[str, ...]:
        """The operations between the source value and the join, the last one last."""
        via = self.link.via
        return via[len(via) - self.path.index(self.source_value) :]


def number_skips(trace: Trace, links: Iterable[SkipLink]) -> tuple[NumberedSkip, ...]:
    """Return the skips in the order of their pushes; those of one value, the last popped first."""
    ordered = sorted(links, key=lambda link: (link.pushed, -link.popped))
    return tuple(_numbered(trace, number, link) for number, link in enumerate(ordered, 1))


def _numbered(trace: Trace, number: int, link: SkipLink) -> NumberedSkip:
    join = trace.steps[link.popped]
    path = *(value.name for value in link.path), link.value.name
    producers = {name: trace.producers.get(name, -1) for name in path}
    from_outside = (
        name
        for name, step in producers.items()
        if step < 0 or trace.steps[step].block != join.block
    )
    source = next(from_outside, link.value.name)
    operands = _operands(trace, link.popped, path[0])
    return NumberedSkip(number, link, path, source, producers[source], operands)


def _operands(trace: Trace, join: int, name: str) -> tuple[str, ...]:
    """The names of the concatenations between a join and a value that they concatenate."""
    chains: list[tuple[int, tuple[str, ...]]] = [(join, ())]
    while chains:
        number, chain = chains.pop()
        inputs = [value.name for value in trace.steps[number].inputs]
        if name in inputs:
            return chain
        for operand in inputs:
            before = trace.producers.get(operand, -1)
            if before >= 0 and traits(trace.steps[before].op).join == CAT_JOIN:
                chains.append((before, (*chain, operand)))
    return ()
