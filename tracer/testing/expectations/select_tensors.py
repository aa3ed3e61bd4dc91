"""Selects the tensors of a trace that a key describes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tracer.analysis.operations import join_kinds_by_name, traits
from tracer.analysis.skips import SkipLink, skips
from tracer.analysis.skips.skip_link import FEATURE_MAP_RANK
from tracer.analysis.stack_events import Owner, StackEvent, stack
from tracer.errors import closest_name, suggestion
from tracer.record import Block, Step, Trace, Value
from tracer.testing.expectations.block_patterns import has_wildcard, known_children, matching_blocks
from tracer.testing.expectations.keys import BlockKey, JoinKey, ListKey, TensorKey


@dataclass(frozen=True, slots=True)
class TensorGroup:
    """Tensors that belong together: those of a block or a join, or a pushed one.

    `label` names the group, `noun` its members. `sources` are the inputs of what made them, None if
    a shape cannot mention them. `joined` marks the result of a join.
    """

    label: str
    tensors: tuple[Value, ...]
    noun: str = "output"
    sources: tuple[Value, ...] | None = None
    joined: bool = False


@dataclass(frozen=True, slots=True)
class NotFound:
    """No tensor of the trace is selected; `reason` says why, and what there is."""

    reason: str


@dataclass(frozen=True)
class TensorSelector:
    """Selects tensors of one trace."""

    trace: Trace

    def select(self, key: TensorKey) -> tuple[TensorGroup, ...] | NotFound:
        """Return the groups of tensors that a key selects, in the order of the calls."""
        if isinstance(key, BlockKey):
            return self._of_blocks(key)
        if isinstance(key, JoinKey):
            return self._of_joins(key)
        return self._of_list(key)

    def _of_blocks(self, key: BlockKey) -> tuple[TensorGroup, ...] | NotFound:
        blocks = matching_blocks(self.trace.root.walk(), key.path)
        if not blocks:
            return self._no_block(key.path)
        return tuple(self._side(block, key) for block in blocks)

    def _side(self, block: Block, key: BlockKey) -> TensorGroup:
        if key.side == "in":
            label = f"in: {block.call}" if block.call else "in:"
            inputs = block.inputs if block.call else self.trace.inputs
            return TensorGroup(label, inputs, "input")
        if not block.call:
            return TensorGroup("out:", self.trace.outputs, sources=self.trace.inputs)
        return TensorGroup(block.call, block.outputs, sources=block.inputs)

    def _of_joins(self, key: JoinKey) -> tuple[TensorGroup, ...] | NotFound:
        blocks = matching_blocks(self.trace.root.walk(), key.path)
        if not blocks:
            return self._no_block(key.path)
        groups = tuple(
            TensorGroup(
                f"{key.join}: {block.call}", step.outputs, "result", step.inputs, joined=True
            )
            for block in blocks
            for step in self._joins_for(block, key)
        )
        return groups or self._no_join(key)

    def _joins_for(self, block: Block, key: JoinKey) -> Iterator[Step]:
        """The joins whose results are inputs of a block, directly or after some operations."""
        linked = [link.popped for link in self._links if link.target == block.call]
        producers = (self.trace.producers.get(value.name, -1) for value in block.inputs)
        direct = (n for n in producers if n >= 0 and self._is_join(n, self._callers[block.call]))
        for number in dict.fromkeys((*linked, *direct)):
            step = self.trace.steps[number]
            kind = traits(step.op).join
            if kind is not None and kind.name == key.join:
                yield step

    def _is_join(self, number: int, caller: str) -> bool:
        """Whether a step joins feature maps in the forward of that caller."""
        step = self.trace.steps[number]
        kind = traits(step.op).join
        if kind is None or step.block != caller:
            return False
        is_map = len(step.outputs[0].shape) >= FEATURE_MAP_RANK
        return is_map and (kind.mode != "product" or len(step.inputs) > 1)

    @cached_property
    def _callers(self) -> dict[str, str]:
        """For each block, the call of the one that called it."""
        callers = {self.trace.root.call: ""}
        for block in self.trace.root.walk():
            callers |= dict.fromkeys((child.call for child in block.children), block.call)
        return callers

    @cached_property
    def _links(self) -> tuple[SkipLink, ...]:
        return skips(self.trace)

    def _of_list(self, key: ListKey) -> tuple[TensorGroup, ...] | NotFound:
        lists = self._lists(key.name)
        owners = [owner for owner in lists if key.block in (None, owner[0])]
        if not owners:
            return self._no_list(key)
        if len(owners) > 1 and key.block is None:
            owners = [owner for owner in owners if not owner[0]] or owners
        if len(owners) > 1:
            return _several_lists(key, owners)
        pushes = lists[owners[0]]
        return _pushed(key, pushes)

    def _lists(self, name: str) -> dict[Owner, list[StackEvent]]:
        """The pushes on each list of that name."""
        lists: dict[Owner, list[StackEvent]] = {}
        for event in stack(self.trace):
            if event.name == name and event.kind == "push":
                lists.setdefault(event.owner, []).append(event)
        return lists

    def _no_block(self, path: str) -> NotFound:
        known = [block.path for block in self.trace.root.walk() if block.path]
        closest = None if has_wildcard(path) else closest_name(path, known)
        if closest is not None:
            return NotFound(f'no block has this path. Did you mean "{closest}"?')
        start, names = known_children(self.trace.root.walk(), path)
        where = f"Blocks in {start or self.trace.model}"
        problem = "no block matches" if has_wildcard(path) else "no block has this path"
        return NotFound(f"{problem}. {where}: {', '.join(names)}.")

    def _no_join(self, key: JoinKey) -> NotFound:
        targets = dict.fromkeys(link.target for link in self._links if link.join == key.join)
        what = join_kinds_by_name()[key.join].verb
        if not targets:
            return NotFound(f"nothing is {what} right before any block")
        hint = suggestion(key.path, targets)
        return NotFound(f"nothing is {what} right before this block. {hint}")

    def _no_list(self, key: ListKey) -> NotFound:
        if not self.trace.lines:
            return NotFound("the trace has no lines, so it shows no lists; trace with lines=True")
        names = dict.fromkeys(event.name for event in stack(self.trace))
        where = f" in {key.block}" if key.block else ""
        return NotFound(f"there is no list {key.name}{where}. {suggestion(key.name, names)}")


def _several_lists(key: ListKey, owners: list[Owner]) -> NotFound:
    names = ", ".join(f"{block}.{name}" if block else name for block, _, name in owners)
    return NotFound(f"several lists are named {key.name}; use one of {names}")


def _pushed(key: ListKey, pushes: list[StackEvent]) -> tuple[TensorGroup, ...] | NotFound:
    count = len(pushes)
    if key.index is None:
        numbers = list(range(count))
    elif -count <= key.index < count:
        numbers = [key.index]
    else:
        tensors = "tensor was" if count == 1 else "tensors were"
        numbered = f"numbered 0 to {count - 1}"
        return NotFound(f"only {count} {tensors} pushed on {key.name}, {numbered}")
    where = f"{key.block}." if key.block else ""
    return tuple(
        TensorGroup(f"{where}{key.name}[{number}]", (pushes[number].value,)) for number in numbers
    )
