"""What is known of a model of the site: how it runs in numbers, in formulas, and at which sizes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from tracer.analysis.costs import run_sizes
from tracer.analysis.size_rules import SizeRules
from tracer.analysis.stack import Ledger, ledger
from tracer.record import Trace
from tracer.render.tables.symbol_notes import equal_sizes
from tracer.site.models.dual_text import Shapes


@dataclass(frozen=True)
class ModelResults:
    """A trace, the same trace with formulas for sizes, and the law of the sizes that work."""

    trace: Trace
    formulas: Trace
    law: SizeRules

    @cached_property
    def run(self) -> str:
        """The sizes that its numbers are those of: `B = 1, H = W = 32`."""
        return equal_sizes(run_sizes(self.formulas))

    @cached_property
    def shapes(self) -> Shapes:
        """The shapes of its tensors, both ways."""
        return Shapes(self.formulas)

    @cached_property
    def ledger(self) -> Ledger:
        """Its skips, in numbers."""
        return ledger(self.trace)

    @cached_property
    def symbolic_ledger(self) -> Ledger:
        """Its skips, in formulas."""
        return ledger(self.formulas)
