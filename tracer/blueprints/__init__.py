"""What a lock file holds of a model: the shapes of its blocks, its skips, its sizes in total.

A trace has a blueprint, and so has a lock file; so a model is checked against a lock file as two
models are compared with each other.
"""

from __future__ import annotations

from tracer.blueprints.drawing import blueprint
from tracer.blueprints.lock_reader import LockFileError, from_lock, is_damaged, read_lock
from tracer.blueprints.lock_writer import to_lock
from tracer.blueprints.parts import BlockSpec, Blueprint, LawSpec, SkipSpec, TensorSpec

__all__ = [
    "BlockSpec",
    "Blueprint",
    "LawSpec",
    "LockFileError",
    "SkipSpec",
    "TensorSpec",
    "blueprint",
    "from_lock",
    "is_damaged",
    "read_lock",
    "to_lock",
]
