"""What a lock file holds of a model: the shapes of its blocks, its skips, its sizes in total.

A trace has a blueprint, and so has a lock file; so a model is checked against a lock file as two
models are compared with each other.
"""

from __future__ import annotations

from tracer.snapshot.from_trace import blueprint
from tracer.snapshot.lock_reader import LockFileError, from_lock, is_damaged, read_lock
from tracer.snapshot.lock_writer import to_lock
from tracer.snapshot.model import BlockSpec, LawSpec, SkipSpec, Snapshot, TensorSpec

__all__ = [
    "BlockSpec",
    "LawSpec",
    "LockFileError",
    "SkipSpec",
    "Snapshot",
    "TensorSpec",
    "blueprint",
    "from_lock",
    "is_damaged",
    "read_lock",
    "to_lock",
]
