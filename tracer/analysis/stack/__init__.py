"""The ledger of the skips: who put a tensor aside, on which line, and who took it back.

Two witnesses tell it. The data flow (`tracer.analysis.skips`) knows which block made a tensor and
which join took it, on any model. The observed lists (`tracer.analysis.stack_events`) know the
lines, and tensors that were put aside and never used. Where both speak they must agree, and the
ledger says where they do not.
"""

from __future__ import annotations

from tracer.analysis.stack.ledger import Ledger, LedgerEntry, Moment, OtherList
from tracer.analysis.stack.reconcile import ledger, reconciled

__all__ = ["Ledger", "LedgerEntry", "Moment", "OtherList", "ledger", "reconciled"]
