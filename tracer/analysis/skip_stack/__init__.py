"""The ledger of the skip stack: which tensor was pushed where, and where it was popped and joined.

It is found in two independent ways. The data flow (`tracer.analysis.skips`) knows which block made
a tensor and which join took it, on any model. The observed lists (`tracer.analysis.stack_events`)
know the source lines, and the tensors that were pushed and never used. The ledger shows where the
two disagree.
"""

from __future__ import annotations

from tracer.analysis.skip_stack.ledger_entries import Ledger, LedgerEntry, Moment, OtherList
from tracer.analysis.skip_stack.reconcile import build_ledger, ledger, without_tables

__all__ = [
    "Ledger",
    "LedgerEntry",
    "Moment",
    "OtherList",
    "build_ledger",
    "ledger",
    "without_tables",
]
