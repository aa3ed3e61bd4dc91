"""The tensors of a trace that an expectation is about."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from tracer.analysis.operations import join_kinds_by_name, traits
from tracer.analysis.skips import SkipLink, skips
from tracer.analysis.skips.skip_link import FEATURE_MAP_RANK
from tracer.analysis.stack_events import Owner, StackEvent, stack
from tracer.errors import near, suggestion
from tracer.record import Block, Step, Trace, Value
from tracer.testing.expectations.keys import JoinOperands, KeySubject, PushedTensor, Side
from tracer.testing.expectations.path_patterns import below, is_glob, matching


@dataclass(frozen=True, slots=True)
class Group:
    """Tensors that belong together: of a block, of a join, or the one that was pushed.

    `label` names them, `noun` says what each of them is; `sources` are what went in, None where
    that is not asked for.
    """

    label: str
    tensors: tuple[Value, ...]
    noun: str = "output"
    sources: tuple[Value, ...] | None = None
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Missing:
    """What an expectation is about is not in the trace, and why."""

    reason: str


@dataclass(frozen=True)
class Tensors:
    """Finds the tensors of one trace."""

    trace: Trace

    def of(self, subject: KeySubject) -> tuple[Group, ...] | Missing:
        """The groups of tensors that a subject means, in the order of the calls."""
        if isinstance(subject, Side):
            return self._of_blocks(subject)
        if isinstance(subject, JoinOperands):
            return self._of_joins(subject)
        return self._of_list(subject)

    def _of_blocks(self, subject: Side) -> tuple[Group, ...] | Missing:
        blocks = matching(self.trace.root.walk(), subject.path)
        if not blocks:
            return self._no_block(subject.path)
        return tuple(self._side(block, subject) for block in blocks)

    def _side(self, block: Block, subject: Side) -> Group:
        if subject.side == "in":
            label = f"in: {block.call}" if block.call else "in:"
            inputs = block.inputs if block.call else self.trace.inputs
            return Group(label, inputs, "input")
        if not block.call:
            return Group("out:", self.trace.outputs, sources=self.trace.inputs)
        return Group(block.call, block.outputs, sources=block.inputs)

    def _of_joins(self, subject: JoinOperands) -> tuple[Group, ...] | Missing:
        blocks = matching(self.trace.root.walk(), subject.path)
        if not blocks:
            return self._no_block(subject.path)
        groups = tuple(
            Group(f"{subject.join}: {block.call}", step.outputs, "result", step.inputs, joined=True)
            for block in blocks
            for step in self._joins_for(block, subject)
        )
        return groups or self._no_join(subject)

    def _joins_for(self, block: Block, subject: JoinOperands) -> Iterator[Step]:
        """The joins whose results a block takes in, as they are or after some operations."""
        linked = [link.popped for link in self._links if link.target == block.call]
        taken = (self.trace.producers.get(value.name, -1) for value in block.inputs)
        direct = (n for n in taken if n >= 0 and self._is_join(n, self._callers[block.call]))
        for number in dict.fromkeys((*linked, *direct)):
            step = self.trace.steps[number]
            kind = traits(step.op).join
            if kind is not None and kind.name == subject.join:
                yield step

    def _is_join(self, number: int, caller: str) -> bool:
        """Whether a step joins feature maps, in the forward that calls the block next."""
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

    def _of_list(self, subject: PushedTensor) -> tuple[Group, ...] | Missing:
        lists = self._lists(subject.name)
        owners = [owner for owner in lists if subject.block in (None, owner[0])]
        if not owners:
            return self._no_list(subject)
        if len(owners) > 1 and subject.block is None:
            owners = [owner for owner in owners if not owner[0]] or owners
        if len(owners) > 1:
            return _several_lists(subject, owners)
        pushes = lists[owners[0]]
        return _pushed(subject, pushes)

    def _lists(self, name: str) -> dict[Owner, list[StackEvent]]:
        """The pushes on each list of a name."""
        lists: dict[Owner, list[StackEvent]] = {}
        for event in stack(self.trace):
            if event.name == name and event.kind == "push":
                lists.setdefault(event.owner, []).append(event)
        return lists

    def _no_block(self, path: str) -> Missing:
        known = [block.path for block in self.trace.root.walk() if block.path]
        nearest = None if is_glob(path) else near(path, known)
        if nearest is not None:
            return Missing(f'no block has this path. Did you mean "{nearest}"?')
        start, names = below(self.trace.root.walk(), path)
        where = f"In {start}" if start else f"In {self.trace.model}"
        which = "matches" if is_glob(path) else "has this path"
        return Missing(f"no block {which}. {where} there are: {', '.join(names)}.")

    def _no_join(self, subject: JoinOperands) -> Missing:
        targets = dict.fromkeys(link.target for link in self._links if link.join == subject.join)
        what = join_kinds_by_name()[subject.join].verb
        if not targets:
            return Missing(f"nothing is {what} right before any block")
        hint = suggestion(subject.path, targets)
        return Missing(f"nothing is {what} right before it. {hint}")

    def _no_list(self, subject: PushedTensor) -> Missing:
        if not self.trace.lines:
            return Missing("the trace has no lines, so no list was seen: trace with lines=True")
        names = dict.fromkeys(event.name for event in stack(self.trace))
        where = f" in {subject.block}" if subject.block else ""
        return Missing(f"no list {subject.name} was seen{where}. {suggestion(subject.name, names)}")


def _several_lists(subject: PushedTensor, owners: list[Owner]) -> Missing:
    names = ", ".join(f"{block}.{name}" if block else name for block, _, name in owners)
    return Missing(f"several lists are called {subject.name}: say which of {names}")


def _pushed(subject: PushedTensor, pushes: list[StackEvent]) -> tuple[Group, ...] | Missing:
    count = len(pushes)
    if subject.index is None:
        numbers = list(range(count))
    elif -count <= subject.index < count:
        numbers = [subject.index]
    else:
        tensors = "tensor was" if count == 1 else "tensors were"
        return Missing(f"{count} {tensors} pushed on {subject.name}, 0 to {count - 1}")
    where = f"{subject.block}." if subject.block else ""
    return tuple(
        Group(f"{where}{subject.name}[{number}]", (pushes[number].value,)) for number in numbers
    )
