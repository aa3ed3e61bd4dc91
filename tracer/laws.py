"""The law of sizes: at which sizes of its inputs a model runs."""

from __future__ import annotations

from dataclasses import dataclass

from tracer.clashes import Clash


@dataclass(frozen=True, slots=True)
class Trial:
    """One run at one size of a symbol, all others as given: whether it worked, and what ended it."""

    size: int
    worked: bool
    error: str | None = None
    clash: Clash | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """What one size has to be.

    `multiple` is 1 where any size will do, and 0 where no other size than the given one was found
    to work. `minimum` is the least that works. `trials` are the runs that this was learnt from: those
    at sizes that break the rule failed, or there would be no rule. `parting` says where the model
    runs other operations at a size that it accepts, but not as it is: it pads, or resizes.
    """

    name: str
    given: int
    multiple: int
    minimum: int
    trials: tuple[Trial, ...]
    parting: str | None = None
    tied_to: str | None = None
    """The name of a size that this one has to be equal to."""

    def allows(self, size: int) -> bool:
        """Whether the rule says that a size works."""
        if self.multiple == 0:
            return size == self.given
        return size >= self.minimum and size % self.multiple == 0

    @property
    def causes(self) -> tuple[Trial, ...]:
        """The failed runs, of which each that hits another obstacle is one reason for the rule."""
        seen: dict[str, Trial] = {}
        for trial in self.trials:
            if not trial.worked:
                key = (
                    f"{trial.clash.popped} {trial.clash.skip.name}" if trial.clash else trial.error
                )
                seen.setdefault(str(key), trial)
        return tuple(seen.values())


@dataclass(frozen=True, slots=True)
class Law:
    """The rules of a model, one for each size of its inputs that may vary."""

    rules: tuple[Rule, ...]

    def rule(self, name: str) -> Rule:
        """The rule of one size. Raises KeyError for a name that it does not have."""
        return {rule.name: rule for rule in self.rules}[name]

    def nearest(self, name: str, size: int) -> tuple[int | None, int]:
        """The largest size below that works, None if there is none, and the smallest above."""
        rule = self.rule(name)
        if rule.multiple == 0:
            return (rule.given if rule.given < size else None), rule.given
        below = size // rule.multiple * rule.multiple
        above = max(-(-size // rule.multiple) * rule.multiple, rule.minimum)
        return (below if below >= rule.minimum else None), above
