"""A call of a block as it was recorded, in a form in which it can be recorded again.

Values, weights and calls are numbered, so that a later call puts its own in their places. All
numbers are relative to the call.
"""

from __future__ import annotations

from dataclasses import dataclass

from tracer.from_torch.capture.memo.result_shape import ResultShape
from tracer.from_torch.capture.source.user_source import FileLine
from tracer.record import Line

Refs = tuple[int, ...]
"""Values by number: those of the arguments, then those of the weights, then those made inside."""


@dataclass(frozen=True, slots=True)
class MadeValue:
    """A value that the block made: the node that it is named after, and what follows that name.

    Where it is a tensor of the result, `output` is the number of that tensor, and `output_node` the
    event of the node that stands for it.
    """

    node: int
    suffix: str
    shape: tuple[int, ...]
    dtype: str
    output: int | None = None
    output_node: int = -1


Event = str | int | MadeValue
"""What happened in order: a new node by the name that is wanted, a weight in use, a value made."""


@dataclass(frozen=True, slots=True)
class OpRecord:
    """One operation. `call` is the number of the call that ran it."""

    op: str
    reads: Refs
    weights: Refs
    writes: Refs
    call: int
    source_line: FileLine | None
    flops: int | None
    memory_of: int | None


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call of a module: the number of the call around it, and that of the module."""

    outer: int
    module: int
    inputs: Refs
    outputs: Refs
    first: int
    last: int
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineRecord:
    """One line, with the values in it by number: `names`, then `changes`, `reads` and `entry`."""

    line: Line
    call: int
    names: Refs
    changes: Refs
    reads: Refs
    entry: Refs


@dataclass(frozen=True, slots=True)
class RecordedBlock:
    """All that a call of a block did.

    `calls` are those below the block's own. `frames` and `functions` count the functions that ran,
    as the record of lines counts them.
    """

    events: tuple[Event, ...]
    operations: tuple[OpRecord, ...]
    calls: tuple[CallRecord, ...]
    lines: tuple[LineRecord | None, ...]
    frames: int
    functions: int
    result: ResultShape
    outputs: Refs
