"""Whether a recorded graph computes what its model computes, as data."""

from __future__ import annotations

from dataclasses import dataclass

from tracer.printed_result import DisplayedResult
from tracer.record import Value


@dataclass(frozen=True, slots=True)
class OperationDifference:
    """The first operation that differs: its number and name, its block, its line, and how."""

    step: int
    op: str
    block: str
    file: str | None
    line: int | None
    how: str


@dataclass(frozen=True, slots=True, repr=False)
class ReplayVerdict(DisplayedResult):
    """The result of running a model and its recorded graph side by side.

    `operations` is how many operations the graph has; `inputs` and `outputs` are what it was run
    on and what it returned. `spread` is the smallest standard deviation of an output: an output
    that is the same number everywhere proves nothing. `difference` is the first operation that
    differs; None if there is none, or if only what the model returned differs. `smaller` says that
    the images were smaller than asked for, so that the run takes seconds. `other_numbers` says what
    differs with other numbers in the inputs: the graph is the model for those of its run only.
    `number_sets` is how many sets of numbers the model was given: several if it reads values.
    `notes` say what was assumed for inputs that were not given.
    """

    model: str
    same: bool
    operations: int
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    spread: float
    difference: OperationDifference | None = None
    smaller: bool = False
    other_numbers: OperationDifference | None = None
    number_sets: int = 1
    notes: tuple[str, ...] = ()

    @property
    def proven(self) -> bool:
        """Whether the graph equals the model, on outputs that are not all the same number."""
        return self.same and self.other_numbers is None and self.spread > 0
