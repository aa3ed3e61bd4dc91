"""The size rules of a model: at which sizes of its inputs it works."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tracer.analysis.channel_mismatch import ChannelMismatch
from tracer.analysis.shape_mismatch import ShapeMismatch
from tracer.analysis.value_origin import StepLocation
from tracer.printed_result import DisplayedResult
from tracer.target_spec import Mode


@dataclass(frozen=True, slots=True)
class Trial:
    """One run at one size, all others as given, and whether it worked."""

    size: int
    worked: bool


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a run at a size failed.

    Attributes:
        size: The size.
        error: The exception, as the last line of a traceback.
        op: The operation that raised it; None if the model's own code did.
        at: Where.
        mismatch: The two tensors whose shapes do not match, if that was the reason.
        channels: The tensor whose channels do not match the weights, if that was the reason.
        steps: How many operations had run before it.
    """

    size: int
    error: str
    op: str | None
    at: StepLocation
    mismatch: ShapeMismatch | None = None
    channels: ChannelMismatch | None = None
    steps: int = 0


def is_join(cause: Cause) -> bool:
    """Whether two tensors do not match that both follow the sizes of the inputs."""
    return cause.mismatch is not None and cause.mismatch.weight is None


@dataclass(frozen=True, slots=True)
class SizeAdaptation:
    """How a model handles a size that its halvings do not divide.

    It takes another `path` (for example, it pads), or it `rounds`; `description` says where.
    """

    kind: Literal["path", "rounds"]
    size: int
    description: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What one size has to be.

    Attributes:
        name: The name of the size, ``"H"``.
        given: The size as given, which works.
        multiple: Sizes that differ from the given one by a multiple of this work. It is 0 if no
            other size was found to work.
        minimum: The smallest size that works.
        maximum: The largest size that works; None if none was found.
        trials: The runs that the rule was found and verified by.
        causes: Why those that failed did, each obstacle once.
        also: Further remainders of working sizes, modulo `multiple`.
        exceptions: Sizes that work against the rule.
        adaptation: How the model handles a size that its halvings do not divide, if it works.
        tied_to: The name of the size that this one has to be equal to.
        partial: Whether there may be more exceptions: some that were tried are too large to work
            by broadcasting only.

    >>> rule = Rule("H", given=64, multiple=32, minimum=32)
    >>> rule.allows(96), rule.allows(80), rule.nearest(80)
    (True, False, (64, 96))
    """

    name: str
    given: int
    multiple: int
    minimum: int
    maximum: int | None = None
    trials: tuple[Trial, ...] = field(default=(), repr=False)
    causes: tuple[Cause, ...] = field(default=(), repr=False)
    also: tuple[int, ...] = ()
    exceptions: tuple[int, ...] = ()
    adaptation: SizeAdaptation | None = None
    tied_to: str | None = None
    partial: bool = False

    @property
    def remainder(self) -> int:
        """The remainder of the given size modulo `multiple`; 0 if no other size works."""
        return self.given % self.multiple if self.multiple else 0

    def allows(self, size: int) -> bool:
        """Whether a size works by this rule."""
        if self.multiple == 0 or size in self.exceptions:
            return size in (self.given, *self.exceptions)
        fits = size % self.multiple in (self.remainder, *self.also)
        return fits and self.minimum <= size <= (self.maximum or size)

    def nearest(self, size: int) -> tuple[int | None, int | None]:
        """The nearest working sizes below and above; None on a side that has none."""
        reach = self.multiple or 1
        top = min(size, (self.maximum or size) + 1)
        bottom = max(size, self.minimum - 1)
        single = (self.given, *self.exceptions)
        below = {*range(top - reach, top), *single}
        above = {*range(bottom + 1, bottom + 1 + reach), *single}
        return (
            max((one for one in below if one < size and self.allows(one)), default=None),
            min((one for one in above if one > size and self.allows(one)), default=None),
        )


@dataclass(frozen=True, slots=True, repr=False)
class SizeRules(DisplayedResult):
    """The rules of a model, one per named size of its inputs.

    `inputs` are the axes of the inputs that have named ones: ``{"x": ("B", "3", "H", "W")}``.
    `mode` is the one in which the model was run.
    """

    model: str
    inputs: Mapping[str, tuple[str, ...]]
    rules: tuple[Rule, ...]
    target: str = ""
    notes: tuple[str, ...] = ()
    mode: Mode | None = None

    def rule(self, name: str) -> Rule:
        """The rule of one size. Raises KeyError if no size has that name."""
        return {rule.name: rule for rule in self.rules}[name]

    def allows(self, sizes: Mapping[str, int]) -> bool:
        """Whether the model works at these sizes, others as given."""
        return all(self.rule(name).allows(size) for name, size in sizes.items())
