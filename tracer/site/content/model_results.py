"""What running a model gives: its trace, the trace in formulas, and perhaps its size rules."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from tracer.analysis.costs import run_sizes
from tracer.analysis.levels import Level, resolution_levels
from tracer.analysis.size_rules import SizeRules
from tracer.analysis.skip_stack import Ledger, ledger
from tracer.errors import SiteError
from tracer.record import Trace
from tracer.render.tables.symbol_notes import equal_sizes
from tracer.site.content.dual_text import DualShapes


@dataclass(frozen=True)
class TracePair:
    """A trace, and the same trace with formulas for sizes."""

    trace: Trace
    formulas: Trace

    @cached_property
    def run(self) -> str:
        """The sizes of the run: ``B = 1, H = W = 32``."""
        return equal_sizes(run_sizes(self.formulas))

    @cached_property
    def shapes(self) -> DualShapes:
        """The shapes of its tensors, as numbers and as formulas."""
        return DualShapes(self.formulas)

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """Its resolution levels, with numbers."""
        return resolution_levels(self.trace)

    @cached_property
    def symbolic_levels(self) -> tuple[Level, ...]:
        """Its resolution levels, with formulas."""
        return resolution_levels(self.formulas)

    @cached_property
    def ledger(self) -> Ledger:
        """Its skip stack, with numbers."""
        return ledger(self.trace)

    @cached_property
    def symbolic_ledger(self) -> Ledger:
        """Its skip stack, with formulas."""
        return ledger(self.formulas)


@dataclass(frozen=True)
class ModelResults(TracePair):
    """Both traces, and the rules for sizes that work; None where the site shows none."""

    rules: SizeRules | None

    @property
    def size_rules(self) -> SizeRules:
        """The rules. Raises SiteError if the configuration says that none are found."""
        if self.rules is None:
            raise SiteError(
                f"A page shows the size rules of {self.trace.model}: remove `sizes: false` from "
                "that trace in docs/site.yaml."
            )
        return self.rules
