"""The law of sizes: at which sizes of its inputs a model runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tracer.analysis.shape_mismatch import ShapeMismatch, StepLocation


@dataclass(frozen=True, slots=True)
class Trial:
    """One run at one size of a symbol, all others as given, and whether it worked."""

    size: int
    worked: bool


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a run at a size failed: the error, what raised it, where, and the skip, if it is one.

    `op` is None where the model's own code raised the error.
    """

    size: int
    error: str
    op: str | None
    at: StepLocation
    clash: ShapeMismatch | None = None


def is_join(cause: Cause) -> bool:
    """Whether two tensors do not fit that both follow the sizes of the inputs."""
    return cause.clash is not None and cause.clash.weight is None


@dataclass(frozen=True, slots=True)
class SizeAdaptation:
    """How a model gets along with a size that does not go through it as the one given does.

    It takes another `path` (it pads, say), or it only `rounds`; `told` says where.
    """

    kind: Literal["path", "rounds"]
    size: int
    told: str


@dataclass(frozen=True, slots=True)
class Rule:
    """What one size has to be.

    Sizes that differ from the one given by a multiple of `multiple` work, from `minimum` to
    `maximum` (None where none was found); `multiple` is 0 where no other size than the given one
    was found to work. `also` are further remainders, by `multiple`, of sizes that work, and
    `exceptions` are sizes that were seen to work against the rule. `trials` are the runs that this
    was learnt from and verified by, `causes` what ended those that failed, each obstacle once.

    `detour` is how the model gets along with a size that does not go through it evenly. `tied_to`
    is the name of a size that this one has to be equal to.
    """

    name: str
    given: int
    multiple: int
    minimum: int
    maximum: int | None = None
    trials: tuple[Trial, ...] = ()
    causes: tuple[Cause, ...] = ()
    also: tuple[int, ...] = ()
    exceptions: tuple[int, ...] = ()
    detour: SizeAdaptation | None = None
    tied_to: str | None = None

    @property
    def remainder(self) -> int:
        """By how much the sizes that work exceed a multiple of `multiple`."""
        return self.given % self.multiple if self.multiple else 0

    def allows(self, size: int) -> bool:
        """Whether the rule says that a size works."""
        if self.multiple == 0 or size in self.exceptions:
            return size in (self.given, *self.exceptions)
        fits = size % self.multiple in (self.remainder, *self.also)
        return fits and self.minimum <= size <= (self.maximum or size)

    def nearest(self, size: int) -> tuple[int | None, int | None]:
        """The largest size that works and is smaller, and the smallest that is larger, if any."""
        reach = self.multiple or 1
        top = min(size, (self.maximum or size) + 1)
        bottom = max(size, self.minimum - 1)
        below = {*range(top - reach, top), *self.exceptions}
        above = {*range(bottom + 1, bottom + 1 + reach), *self.exceptions}
        return (
            max((one for one in below if one < size and self.allows(one)), default=None),
            min((one for one in above if one > size and self.allows(one)), default=None),
        )


@dataclass(frozen=True, slots=True)
class SizeRules:
    """The rules of a model, one for each size of its inputs that may vary.

    `inputs` are the axes of those inputs that have named ones: ``{"x": ("B", "3", "H", "W")}``.
    """

    model: str
    inputs: Mapping[str, tuple[str, ...]]
    rules: tuple[Rule, ...]
    target: str = ""
    notes: tuple[str, ...] = ()

    def rule(self, name: str) -> Rule:
        """The rule of one size. Raises KeyError for a name that it does not have."""
        return {rule.name: rule for rule in self.rules}[name]

    def allows(self, sizes: Mapping[str, int]) -> bool:
        """Whether the model runs at these sizes, others as given."""
        return all(self.rule(name).allows(size) for name, size in sizes.items())
