"""The ledger of the skips: who put a tensor aside, on which line, and who took it back.

Two witnesses tell it. The data flow (`tracer.skip_links`) knows which block made a tensor and which
join took it, on any model. The observed lists (`tracer.stack_events`) know the lines, and tensors
that were put aside and never used. Where both speak they must agree, and the ledger says where they
do not.
"""

from __future__ import annotations

from tracer.stack_ledger.entries import Entry, Ledger, Moment, OtherList
from tracer.stack_ledger.reconcile import ledger, reconciled

__all__ = ["Entry", "Ledger", "Moment", "OtherList", "ledger", "reconciled"]
