"""Which block made a tensor: one rule for skips, for pushes on a list, and for diagrams."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from fractions import Fraction
from operator import attrgetter

from tracer.analysis.skips.resolution import Resolutions
from tracer.record import Block, Step, Trace, Value


class ProducerBlocks:
    """Names the block that made each tensor.

    It is the outermost block that put the tensor out and had returned when it was joined, unless it
    went on to use a tensor that it handed on so: a block that returns a list of feature maps did
    not make them, the blocks inside it did.

    Args:
        trace: The trace.
        resolutions: Its resolutions.
        joins: For each tensor that was handed on, its name and the number of the step that joined
            it.
    """

    def __init__(
        self, trace: Trace, resolutions: Resolutions, joins: Iterable[tuple[str, int]]
    ) -> None:
        self._trace = trace
        self._resolutions = resolutions
        self._producers: defaultdict[str, list[Block]] = defaultdict(list)
        for block in trace.root.walk():
            for value in block.outputs:
                number = trace.producers.get(value.name)
                # one that only hands a tensor on, such as an identity, did not make it
                if number is None or block.first <= number < block.last:
                    self._producers[value.name].append(block)
        first_uses = first_use_of_values(trace)
        self._continuing = {
            block.call
            for name, join in joins
            for block in running_blocks(trace.root, trace.producers.get(name, -1))
            if first_uses.get(name, join) < block.last <= join
        }
        self._origins: dict[str, Value | None] = {}
        self._blocks: dict[str, str] = {}

    def call_of(self, value: Value, before: int) -> str:
        """Return the call of the block that made a tensor, or made what it was made from.

        It is followed back through steps without weights. The model itself has the empty call.

        Args:
            value: The tensor.
            before: The number of the step by which the block had returned.
        """
        earlier: Value | None = value
        while earlier is not None:
            for block in self._producers.get(earlier.name, ()):
                if block.last <= before and block.call and block.call not in self._continuing:
                    return block.call
            earlier = self._origin(earlier)
        return self._block_of_step(value)

    def _origin(self, value: Value) -> Value | None:
        """The nearest value that a block put out, of those that this one was made from.

        It is kept for all values in between, because others were made from them, too.
        """
        if value.name in self._origins:
            return self._origins[value.name]
        passed = [value.name]
        one = self._made_from(value)
        while one is not None and one.name not in self._producers:
            if one.name in self._origins:
                one = self._origins[one.name]
                break
            passed.append(one.name)
            one = self._made_from(one)
        self._origins.update(dict.fromkeys(passed, one))
        return one

    def _block_of_step(self, value: Value) -> str:
        """The block of the step that made a value; that of an earlier one for the model itself."""
        passed: list[str] = []
        one: Value | None = value
        call = ""
        while one is not None and not call and one.name not in self._blocks:
            passed.append(one.name)
            number = self._trace.producers.get(one.name)
            call = "" if number is None else self._trace.steps[number].block
            one = self._made_from(one)
        if one is not None and not call:
            call = self._blocks[one.name]
        self._blocks.update(dict.fromkeys(passed, call))
        return call

    def _made_from(self, value: Value) -> Value | None:
        """What a step without weights made a value from."""
        number = self._trace.producers.get(value.name)
        step = None if number is None else self._trace.steps[number]
        return None if step is None or step.weights else self._main_input(step)

    def _main_input(self, step: Step) -> Value | None:
        """The input computed from a model input, at the highest resolution, made last."""
        producers, resolutions = self._trace.producers, self._resolutions

        def rank(value: Value) -> tuple[bool, Fraction, int]:
            computed = value.name in resolutions.from_inputs
            return computed, resolutions.positions(value), producers.get(value.name, -1)

        return max(step.inputs, key=rank, default=None)


def running_blocks(root: Block, step: int) -> Iterator[Block]:
    """Yield the blocks that were running when a step ran, the outermost first."""
    block: Block | None = root
    while block is not None and block.first <= step < block.last:
        yield block
        position = bisect_right(block.children, step, key=attrgetter("first"))
        block = block.children[position - 1] if position else None


def first_use_of_values(trace: Trace) -> dict[str, int]:
    """Return the number of the first step that took in each tensor, by the tensor's name."""
    uses: dict[str, int] = {}
    for number, step in enumerate(trace.steps):
        for value in step.inputs:
            uses.setdefault(value.name, number)
    return uses
