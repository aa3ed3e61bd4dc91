"""What a lock file records of a model: the shapes of its blocks, its skips, its totals.

A snapshot is made from a trace or read from a lock file, so a model is compared with a lock file in
the same way as with another model.
"""

from __future__ import annotations

from tracer.snapshot.from_trace import snapshot_of
from tracer.snapshot.lock_reader import LockFileError, from_lock, is_damaged, read_lock
from tracer.snapshot.lock_writer import to_lock
from tracer.snapshot.specs import BlockSpec, SizeRulesSpec, SkipSpec, Snapshot, TensorSpec

__all__ = [
    "BlockSpec",
    "LockFileError",
    "SizeRulesSpec",
    "SkipSpec",
    "Snapshot",
    "TensorSpec",
    "from_lock",
    "is_damaged",
    "read_lock",
    "snapshot_of",
    "to_lock",
]
