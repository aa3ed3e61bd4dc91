"""What was seen of sizes, and what it tells about the names in a notation."""

from __future__ import annotations

from dataclasses import dataclass

from tracer.notation.terms import Term
from tracer.record import Dim


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a size was seen: whose tensor, as the user wrote it, and on which axis."""

    where: str
    axis: int | None

    def __str__(self) -> str:
        return self.where if self.axis is None else f"{self.where}, axis {self.axis}"


@dataclass(frozen=True, slots=True)
class Equation:
    """A term, and the size that it was seen to be."""

    term: Term
    size: Dim
    origin: Origin


@dataclass(frozen=True, slots=True)
class Binding:
    """A name, the size that it stands for, and where that was seen; `term` is what told it."""

    name: str
    size: str
    origin: Origin
    term: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """An equation that does not hold, and why; `bound` are the bindings that it speaks of."""

    equation: Equation
    reason: str
    bound: tuple[Binding, ...] = ()


@dataclass(frozen=True, slots=True)
class Solution:
    """The bindings, in the order in which they were found, and what does not agree with them."""

    bindings: tuple[Binding, ...]
    contradictions: tuple[Contradiction, ...]
