"""The rows of a trace: the calls of its modules, and the groups that these belong to.

A module that is never called, such as an `nn.ModuleList`, is no block, but readers look for
`down.0.block.1` below `down.0`. So blocks that were called one after another and share the start of
their path are below a group row without a class. A number belongs to the name before it: the list
`down` has the groups `down.0` and `down.1`, its levels, and their blocks are `block.0` and
`block.1`, in the order in which they ran.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from tracer.record import Block, Trace, Value

Path = tuple[str, ...]
"""The names that lead from a block to one that it called: `("down.0", "block.1")`."""


THE_MODEL = "(the model)"
"""How tables name the model itself, whose call is empty."""


def block_cell(call: str) -> str:
    """The call of a block as a cell of a table: the model itself is `(the model)`."""
    return call or THE_MODEL


def block_phrase(call: str) -> str:
    """The call of a block in a sentence."""
    return call or "the model itself"


@dataclass(frozen=True, slots=True)
class BlockRow:
    """One row: a call of a module, or a group of calls.

    `name` is what tells the row from its siblings, `level` how deep it stands (the model is 0).
    A group has the `path` that its blocks share, no `call` and no `kind`; its inputs are those of
    its first block, its outputs those of its last. `parameters` counts the numbers in all
    parameters below the row, those of a module that was called twice once; `counted` says that
    they are all in a row before, because this is not the first call. The other fields are those of
    a `Block`.
    """

    name: str
    path: str
    call: str | None
    level: int
    kind: str
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    parameters: int
    counted: bool = False
    trainable: int | None = None
    arguments: tuple[str, ...] = ()
    kernel: tuple[int, ...] = ()
    stride: tuple[int, ...] = ()
    groups: int = 0


def rows(trace: Trace, depth: int | None = None) -> tuple[BlockRow, ...]:
    """The rows of a trace down to a level; the model itself is level 0, and None is all."""
    found = (_row(trace.root, 0, trace.model), *_rows_in(_called_by(trace.root, 1)))
    return tuple(row for row in found if depth is None or row.level <= depth)


@dataclass(frozen=True, slots=True)
class Siblings:
    """Blocks of one level whose paths begin at the path `above`, each with the rest of its path."""

    members: Sequence[tuple[Path, Block]]
    above: str
    level: int

    def rows(self) -> Iterator[tuple[BlockRow, Siblings]]:
        """Yield the row of each block or group, and what is inside it."""
        runs = [(head, list(run)) for head, run in groupby(self.members, _head)]
        times = Counter(head for head, _ in runs)
        for head, run in runs:
            if head and (len(run) > 1 or times[head] == 1):
                path = f"{self.above}.{head}" if self.above else head
                inside = [(names[1:], block) for names, block in run]
                row = _group(path, head, [block for _, block in run], self.level)
                yield row, Siblings(inside, path, self.level + 1)
            else:
                for names, block in run:
                    row = _row(block, self.level, _name(names, block))
                    yield row, _called_by(block, self.level + 1)


def _called_by(caller: Block, level: int) -> Siblings:
    members = [(_path_from(caller, child), child) for child in caller.children]
    return Siblings(members, caller.path, level)


def _rows_in(outermost: Siblings) -> Iterator[BlockRow]:
    """The rows of siblings, and after each row those of what is inside it."""
    running = [outermost.rows()]  # a stack, not recursion: a call may be hundreds of calls deep
    while running:
        following = next(running[-1], None)
        if following is None:
            running.pop()
        else:
            row, inside = following
            yield row
            running.append(inside.rows())


def _head(member: tuple[Path, Block]) -> str | None:
    """The name of the group that a block stands in, if it stands in one."""
    path, _ = member
    return path[0] if len(path) > 1 else None


def _path_from(caller: Block, block: Block) -> Path:
    """The names that lead from its caller to a block; its whole path when it stands elsewhere."""
    prefix = f"{caller.path}." if caller.path else ""
    if not block.path.startswith(prefix):
        return (block.path,)
    names: list[str] = []
    for part in block.path.removeprefix(prefix).split("."):
        if part.isdecimal() and names and "." not in names[-1]:
            names[-1] += f".{part}"
        else:
            names.append(part)
    return tuple(names)


def _name(path: Path, block: Block) -> str:
    """The last names of a path, and from the second call on its number: `block@1`."""
    return ".".join(path) + block.call.removeprefix(block.path)


def _row(block: Block, level: int, name: str) -> BlockRow:
    return BlockRow(
        name=name,
        path=block.path,
        call=block.call,
        level=level,
        kind=block.kind,
        inputs=block.inputs,
        outputs=block.outputs,
        parameters=block.parameters,
        counted=_again(block),
        trainable=block.trainable,
        arguments=block.arguments,
        kernel=block.kernel,
        stride=block.stride,
        groups=block.groups,
    )


def _group(path: str, name: str, blocks: Sequence[Block], level: int) -> BlockRow:
    first_calls = [block for block in blocks if not _again(block)]
    modules = {block.path: block for block in first_calls or blocks}.values()
    trainable = [block.trainable for block in modules if block.trainable is not None]
    return BlockRow(
        name=name,
        path=path,
        call=None,
        level=level,
        kind="",
        inputs=blocks[0].inputs,
        outputs=blocks[-1].outputs,
        parameters=sum(block.parameters for block in modules),
        counted=not first_calls,
        trainable=sum(trainable) if len(trainable) == len(modules) else None,
        arguments=blocks[0].arguments,
    )


def _again(block: Block) -> bool:
    """Whether the module of this call had been called before."""
    return block.call != block.path
