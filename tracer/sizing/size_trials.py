"""Runs of a model at various sizes of one axis, or of two equal ones, all others as given."""

from __future__ import annotations

from tracer.analysis.size_rules import Cause, Trial
from tracer.sizing.failure_cause import cause_of
from tracer.sizing.runner import Sample
from tracer.sizing.sized_model import SizedModel


class SizeTrials:
    """A log of the sizes that were tried: at which the model worked, and what stopped it.

    `names` are the axes that have the tried size. The log starts with the given size, which works.
    """

    def __init__(self, model: SizedModel, names: tuple[str, ...]) -> None:
        self.names = names
        self.given = model.axes.sizes[names[0]]
        self._model = model
        self._worked = {self.given: True}
        self._obstacles: dict[tuple[int, str | None], int] = {}

    def works(self, size: int) -> bool:
        """Whether the model works at a size. The trial is logged."""
        return self.why_not(size) is None

    def why_not(self, size: int) -> str | None:
        """The exception at a size, None where the model works. The trial is logged."""
        sample = self.run(size)
        self._worked[size] = sample.worked
        if sample.failure is None:
            return None
        self._obstacles.setdefault((len(sample.ops), sample.failure.op), size)
        return sample.failure.headline

    def run(self, size: int) -> Sample:
        """The run at a size, which is not logged."""
        return self._model.run(dict.fromkeys(self.names, size))

    @property
    def tried(self) -> list[int]:
        """All sizes that were tried, in their order."""
        return sorted(self._worked)

    @property
    def working(self) -> list[int]:
        """The sizes that worked, in the order in which they were tried."""
        return [size for size, worked in self._worked.items() if worked]

    @property
    def trials(self) -> tuple[Trial, ...]:
        """The log, ordered by size."""
        return tuple(Trial(*pair) for pair in sorted(self._worked.items()))

    def causes(self) -> tuple[Cause, ...]:
        """What stopped the model, each obstacle once, at the first size that met it."""
        return tuple(
            cause_of(self._model.trace(dict.fromkeys(self.names, size)), size, self._model.base)
            for size in self._obstacles.values()
        )
