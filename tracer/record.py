"""The record of one forward pass: plain, frozen data for analyses and renderers.

`Trace.steps` is the flat data flow in execution order, `Trace.root` the tree of module calls. Both
refer to the same `Value`: an output of a step is an output of the block that ran it.
`Trace.lines` records, independently of both, what the lines of the model's source did to their
local variables. What can be computed from these (skips, levels, costs) is not recorded; it is a
function of a `Trace` in a module of its own.

Names that came from a model hold no hidden characters: `tracer.escapes` says how they are written.

This module imports the standard library and modules of the tracer that do no more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from functools import cached_property, wraps
from operator import attrgetter
from typing import Literal, TypeVar

from tracer.errors import TraceError, suggestion
from tracer.printed_result import DisplayedResult, PrintedResult
from tracer.target_spec import Mode, TargetSpec

_T = TypeVar("_T")
Dim = int | str
"""One size of a shape: a number, or in a symbolic trace a formula such as ``"H/2"``."""


@dataclass(frozen=True, slots=True)
class Value:
    """A tensor that flowed through the model: its name, shape and dtype, never its data.

    The name is unique in its trace. An operation in place makes a new value.
    """

    name: str
    shape: tuple[Dim, ...]
    dtype: str


@dataclass(frozen=True, slots=True)
class Step:
    """One tensor operation, as the model's code called it (``conv2d``, ``cat``, ``add``).

    `inputs` are the tensors that it read, `weights` the parameters, buffers and constants, and
    `outputs` the tensors that it made or, in place, changed. `block` is the `Block.call` of the
    innermost block that ran it; `file` and `line` locate it in the model's source, None if unknown.
    `flops` counts floating-point operations, a multiply-add as two; None means that the cost of the
    operation is unknown, not zero. `memory_of` names the value whose memory the outputs share (a
    view or an operation in place); None if they have their own.
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


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Block(DisplayedResult):
    """One *call* of one module, and the calls that it made.

    `path` is the name of the module in the model (``"mid.attn_1"``). `call` is the same for its
    first call and ``"mid.attn_1@1"`` for the second. The model itself has the empty path. `kind` is
    the name of its class. `parameters` is the number of elements in all parameters of the module
    and its submodules, shared ones counted once; `own_parameters` excludes the submodules.
    `buffers` is the number of elements in all its buffers. It ran the steps
    ``trace.steps[first:last]``, including those of its children.

    `trainable` is the number of elements in those parameters that need a gradient; None in files
    of versions that did not record it. `arguments` are the names that ``forward`` has for `inputs`,
    one for each, empty for one without a name. `kernel`, `stride` and `groups` are those of a
    convolution or pooling; empty and 0 for other modules.
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
    trainable: int | None = None
    arguments: tuple[str, ...] = ()
    kernel: tuple[int, ...] = ()
    stride: tuple[int, ...] = ()
    groups: int = 0

    def __eq__(self, other: object) -> bool:
        """Whether two blocks and all blocks below them have the same fields."""
        if not isinstance(other, Block):
            return NotImplemented
        waiting = [(self, other)]  # a stack, as in `walk`
        while waiting:
            one, two = waiting.pop()
            if one is two:
                continue
            if len(one.children) != len(two.children) or _own_fields(one) != _own_fields(two):
                return False
            waiting.extend(zip(one.children, two.children, strict=True))
        return True

    def __hash__(self) -> int:
        """Equal blocks have equal hashes; those below them are left out."""
        return hash((self.call, self.kind, self.first, self.last))

    def walk(self) -> Iterator[Block]:
        """Yield this block and all blocks below it, in the order of the calls."""
        waiting = [self]  # a stack, not recursion: a call may be hundreds of calls deep
        while waiting:
            block = waiting.pop()
            yield block
            waiting.extend(reversed(block.children))


_own_fields = attrgetter(*(one.name for one in fields(Block) if one.name != "children"))


@dataclass(frozen=True, slots=True)
class Change:
    """A tensor that one line pushed on a container, or popped from it.

    A container is a list, a tuple, a deque or a dict of tensors, or an attribute that holds one of
    these or a tensor. `name` is the local variable (``"hs"``) or the attribute (``"self.hs"``),
    `depth` the number of tensors in it afterwards. `existed` says of a push that the container was
    there before the line, which did not make it whole.
    """

    kind: Literal["push", "pop"]
    name: str
    value: Value
    depth: int
    existed: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One execution of one line of the model's source, and what it did to the local variables.

    `function` is the qualified name of the function, `block` the `Block.call` that ran it. The line
    ran the steps ``trace.steps[first:last]``, including those of the calls in it. `names` are the
    local variables that it assigned a tensor to, also one that they had, and their values;
    `changes` are the pushes and pops on containers; `reads` are the tensors that it took from a
    container, by the container's name, and left there.

    `frame` is the number of the function call that ran the line: calls are counted from 0, in the
    order in which they began, and a generator is one call. It is -1 in files of versions that did
    not record it, which lack the fields below, too. `before` are the numbers of the lines that the
    same call ran since its line before this one and that touched no tensor, such as an ``if`` or
    the header of a loop. If a call ends with such lines, the last of them is a `Line` without
    effect. So `before` and `line` of all lines of a call are the lines that it ran, in order; only
    where more than 64 in a row touched no tensor, those that follow are listed once each.

    `sets` are small values in local variables, as Python writes them: numbers, strings, None, and
    short tuples and lists of these, if they differ from those after the call's line before this
    one. An empty text says that a variable holds none of these any more, and no tensor. They are
    those of the recorded run, also if shapes are formulas. `entry` are the tensors in local
    variables when the call began (its arguments, and variables of functions around it); only the
    first line of a call has them.
    """

    block: str
    function: str
    file: str
    line: int
    first: int
    last: int
    names: tuple[tuple[str, Value], ...] = ()
    changes: tuple[Change, ...] = ()
    reads: tuple[tuple[str, Value], ...] = ()
    frame: int = -1
    before: tuple[int, ...] = ()
    sets: tuple[tuple[str, str], ...] = ()
    entry: tuple[tuple[str, Value], ...] = ()

    @property
    def touches_tensors(self) -> bool:
        """Whether the line ran a step, assigned a tensor, or changed a container."""
        return bool(self.last > self.first or self.names or self.changes)


@dataclass(frozen=True, slots=True)
class Symbol:
    """The name of a size in a trace whose shapes are formulas.

    `size` is its value in the recorded run. The formulas hold at multiples of `multiple`. If
    `multiple` is 0, no formula was found for the size: the symbol stands for that one number, and
    `Trace.notes` names the operation that made it. Below `least` the model does something else.
    """

    name: str
    size: int
    multiple: int = 1
    least: int = 0


class CallIndex(dict[str, Block]):
    """Blocks by their calls; the error for a call that is not there names a similar one."""

    def __missing__(self, call: str) -> Block:
        inside = [name for name in self if name.startswith(f"{call}.")]
        if inside:  # a list of modules, or one whose parts are called from outside
            raise KeyError(f"{call} itself is not called. {suggestion('', inside)}")
        outer = {name[: dot.start()]: None for name in self for dot in re.finditer(r"\.", name)}
        raise KeyError(f"no block {call}. {suggestion(call, (*self, *outer))}")


@dataclass(frozen=True, repr=False)
class Trace(PrintedResult):
    """One forward pass of one model.

    `model` is the name of the model's class, `spec` what the user asked for, `mode` the mode in
    which the model ran, `torch` the version of PyTorch. `notes` say what was not captured, or was
    captured in an unusual way; a trace without notes is complete. `missed` counts the operations
    that ran but are not among the steps: those that made a tensor outside the tracer's view, and
    the one in which a model failed. `failed` is that operation, without outputs, if the model
    raised an exception; its `op` is empty if the model's own code raised it. `symbols` are the
    names that occur in shapes; without them all sizes are numbers.
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
    failed: Step | None = None

    @property
    def target(self) -> str:
        """What the user asked for, as it is typed after ``unet-trace show``; may be empty."""
        return str(self.spec)

    @cached_property
    def blocks(self) -> dict[str, Block]:
        """Every block by its call, in the order of the calls."""
        return CallIndex((block.call, block) for block in self.root.walk())

    @cached_property
    def producers(self) -> dict[str, int]:
        """The number of the step that made each value, by the name of the value."""
        return {
            value.name: number for number, step in enumerate(self.steps) for value in step.outputs
        }


def require_trace(found: object) -> None:
    """Raise TraceError for something other than a trace, such as the model itself."""
    if not isinstance(found, Trace):
        name = getattr(found, "__name__", type(found).__name__)
        raise TraceError(f"{name} is not a trace: give the trace of a model, tracer.trace(model).")


def once_per_trace(function: Callable[[Trace], _T]) -> Callable[[Trace], _T]:
    """Cache the result of `function` on the trace, which never changes."""
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def cached(trace: Trace) -> _T:
        require_trace(trace)
        results: dict[str, _T] = vars(trace)
        if name not in results:
            results[name] = function(trace)
        return results[name]

    return cached
