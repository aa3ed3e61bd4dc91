"""Why inputs of one size fail, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tracer.analysis.size_rules import Cause, Rule
from tracer.record import Value


@dataclass(frozen=True, slots=True)
class Advice:
    """The sizes nearest to one that does not work; None where none was seen to."""

    name: str
    size: int
    below: int | None
    above: int | None
    rule: Rule


@dataclass(frozen=True, slots=True)
class Padding:
    """How to make one input larger, so that it works: the arguments of ``F.pad``, last axis first.

    `crop` cuts what was added off again, as an index of a tensor like the input.
    """

    input: str
    pad: tuple[int, ...]
    crop: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What became of a model on some inputs.

    `sizes` are the sizes by name, `axes` those of each input that has named ones. `cause` is what
    ended the run, None where it worked. `advice` is about each size that has to change: the model
    was run at all those below together, and at all those above, and worked. Without it no size was
    found that mends it; `works_at` are then inputs of another kind that work, if any are known.
    """

    model: str
    inputs: tuple[Value, ...]
    sizes: Mapping[str, int]
    axes: Mapping[str, tuple[str, ...]]
    cause: Cause | None
    advice: tuple[Advice, ...] = ()
    padding: tuple[Padding, ...] = ()
    works_at: tuple[Value, ...] = ()
    target: str = ""
    notes: tuple[str, ...] = ()

    @property
    def works(self) -> bool:
        """Whether the model ran to its end."""
        return self.cause is None
