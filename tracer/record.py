"""The record of one forward pass: plain, frozen data that any renderer or check can read.

Two views of one run are tied together by `Value`: `Trace.steps` is the flat data flow, in execution
order, and `Trace.root` is the tree of module calls. A value that a step puts out is the same value
that a block puts out. `Trace.lines` is a third witness: what the model's own source lines did to
their local variables. What can be computed from these (skips, levels, costs) is not recorded; it is
a function of a `Trace`, in a module of its own.

Beside the standard library only `tracer.target_spec` is imported, which is data as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Literal, TypeVar

from tracer.target_spec import Mode, TargetSpec

_T = TypeVar("_T")
Dim = int | str
"""One size of a shape: a number, or in a symbolic trace a formula such as ``"H/2"``."""


@dataclass(frozen=True, slots=True)
class Value:
    """A tensor that flowed through the model: its name, shape and dtype, never its data.

    The name is unique in its trace. A tensor that was changed in place is a new value from then on.
    """

    name: str
    shape: tuple[Dim, ...]
    dtype: str


@dataclass(frozen=True, slots=True)
class Step:
    """One tensor operation, as the model's own code asked for it (``conv2d``, ``cat``, ``add``).

    `inputs` are the tensors that flowed in, `weights` the parameters, buffers and constants that
    were read, `outputs` the tensors that were made or, for an operation in place, changed. `block`
    is the `Block.call` of the innermost block that ran it; `file` and `line` are the place in the
    model's own source (None when it was not recorded). `flops` counts floating-point operations, a
    multiply-add as two; None means that no cost is known for this operation, not that it is free.
    `memory_of` names the value in whose memory the outputs lie, for a view or a change in place;
    None where they take memory of their own.
    """

    op: str
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    block: str
    weights: tuple[Value, ...] = ()
    file: str | None = None
    line: int | None = None
    flops: int | str | None = None
    memory_of: str | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One *call* of one module, and the calls that it made.

    `path` is where the module stands in the model (``"mid.attn_1"``); `call` is the same, and from
    the second call on ``"mid.attn_1@1"``. The model itself is the block with the empty path.
    `kind` is the name of its class. `parameters` counts the numbers in all parameters of the module
    and its submodules, a shared one once; `own_parameters` leaves out those of the submodules.
    `buffers` counts the numbers in all buffers of the subtree.
    The steps that it ran, its children's included, are ``trace.steps[first:last]``.
    """

    call: str
    path: str
    kind: str
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    parameters: int
    own_parameters: int
    first: int
    last: int
    children: tuple[Block, ...] = ()
    buffers: int = 0

    def walk(self) -> Iterator[Block]:
        """This block and all blocks below it, in the order in which they were called."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Change:
    """What one line did to a local list (or tuple) of tensors: one tensor more, or one fewer.

    `name` is the local variable (``"hs"``), `depth` how many tensors it holds afterwards.
    """

    kind: Literal["push", "pop"]
    name: str
    value: Value
    depth: int


@dataclass(frozen=True, slots=True)
class Line:
    """One execution of one line of the model's own source, and what it did to the local variables.

    `function` is the qualified name of the function that holds the line, `block` the `Block.call`
    during which it ran. The steps that ran meanwhile, deeper calls included, are
    ``trace.steps[first:last]``. `names` says which local variable now holds which value; `changes`
    says what was pushed on or popped from local lists. Lines that touched no tensor are left out.
    """

    block: str
    function: str
    file: str
    line: int
    first: int
    last: int
    names: tuple[tuple[str, Value], ...] = ()
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Symbol:
    """A size by its name, in a trace whose shapes are formulas.

    `size` is what it was in the run that was written down. The formulas hold where it is a multiple
    of `multiple`. A symbol whose `multiple` is 0 is a size that no formula was found for: it stands
    for that one number, and `Trace.notes` says which operation made it.
    """

    name: str
    size: int
    multiple: int = 1


@dataclass(frozen=True)
class Trace:
    """One forward pass of one model.

    `model` is the name of the model's class, `spec` what the user asked for, `mode` the mode that
    the model ran in, `torch` the version that ran it. `notes` say in plain English what was not
    captured, or was captured in another way than usual; a trace without notes holds the whole
    forward.
    `missed` counts the operations that ran and are not among the steps: what made a tensor where
    nothing could be seen, and the one in which a model failed. What would have come after that one
    is in no count.
    `symbols` name the sizes that shapes speak of; without them all sizes are numbers.
    """

    model: str
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    steps: tuple[Step, ...]
    root: Block
    lines: tuple[Line, ...] = ()
    notes: tuple[str, ...] = ()
    spec: TargetSpec = field(default_factory=TargetSpec)
    torch: str = ""
    symbols: tuple[Symbol, ...] = ()
    missed: int = 0
    mode: Mode | None = None

    @property
    def target(self) -> str:
        """What the user asked for, as it is typed after ``unet-trace show``; may be empty."""
        return str(self.spec)

    @cached_property
    def blocks(self) -> dict[str, Block]:
        """Every block by its call, in the order of the calls."""
        return {block.call: block for block in self.root.walk()}

    @cached_property
    def producers(self) -> dict[str, int]:
        """For the name of each value that a step put out, the number of that step."""
        return {
            value.name: number for number, step in enumerate(self.steps) for value in step.outputs
        }


def once_per_trace(function: Callable[[Trace], _T]) -> Callable[[Trace], _T]:
    """Keep what `function` made of a trace with that trace, which never changes."""
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def kept(trace: Trace) -> _T:
        made: dict[str, _T] = vars(trace)
        if name not in made:
            made[name] = function(trace)
        return made[name]

    return kept
