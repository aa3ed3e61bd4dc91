"""tracer/sizing/axis_rule.py: sizes that work only because a tensor of size 1 broadcasts.

The models are toys; whether a size works is computed here by arithmetic of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.conftest import examples
from tests.sizing.toy_runner import ToyError, ToyRun, ToyRunner, axes_of, base_of, image
from tracer.analysis.size_rules import Rule
from tracer.record import Value
from tracer.sizing.rule_search import find_size_rules
from tracer.snapshot.rule_text import format_rule


@dataclass(frozen=True)
class AddingUNet:
    """Halves a height, rounding up, doubles it again, and adds the skips of some levels."""

    added: Sequence[bool]

    def __call__(self, run: ToyRun, x: Value) -> None:
        h, skips = x, []
        for _ in self.added:
            skips.append(h)
            h = run.op("conv2d", image(h, -(-int(h.shape[2]) // 2), int(h.shape[3])), h)
        for added, skip in zip(reversed(self.added), reversed(skips), strict=True):
            h = run.op("interpolate", image(h, 2 * int(h.shape[2]), int(h.shape[3])), h)
            if added:
                one, other = int(h.shape[2]), int(skip.shape[2])
                if one != other and 1 not in (one, other):
                    raise ToyError(f"{one} is not {other}", "add", (h, skip))
                h = run.op("add", image(h, max(one, other), int(h.shape[3])), h, skip)

    def works(self, size: int) -> bool:
        sizes = [size]
        for _ in self.added:
            sizes.append((sizes[-1] + 1) // 2)
        up = sizes.pop()
        for added, skip in zip(reversed(self.added), reversed(sizes), strict=True):
            up *= 2
            if added and up != skip:
                if 1 not in (up, skip):
                    return False
                up = max(up, skip)
        return True


@dataclass(frozen=True)
class Chunks:
    """Splits one axis as `torch.chunk` does, and adds the parts."""

    count: int
    axis: Literal[0, 2]

    def __call__(self, run: ToyRun, x: Value) -> None:
        parts = []
        for length in self.lengths(int(x.shape[self.axis])):
            shape = list(x.shape)
            shape[self.axis] = length
            parts.append(run.op("conv2d", tuple(shape), x))
        total = parts[0]
        for part in parts[1:]:
            one, other = (int(value.shape[self.axis]) for value in (total, part))
            if one != other and 1 not in (one, other):
                raise ToyError(f"{one} is not {other}", "add", (total, part))
            total = run.op("add", (total if one >= other else part).shape, total, part)

    def lengths(self, size: int) -> list[int]:
        length = -(-size // self.count)
        return [min(length, size - start) for start in range(0, size, length)]

    def works(self, size: int) -> bool:
        return len({length for length in self.lengths(size) if length > 1}) < 2


def rule_of(model: AddingUNet | Chunks, name: str, *shape: int) -> Rule:
    runner = ToyRunner(model, x=shape)
    return find_size_rules(runner, base_of(runner), axes_of(runner)).rule(name)


def assert_true(rule: Rule, model: AddingUNet | Chunks, largest: int) -> None:
    """A rule allows nothing that fails, and forbids what works only where it says so."""
    for size in range(1, largest):
        if rule.allows(size):
            assert model.works(size), (size, format_rule(rule))
        elif not rule.partial:
            assert not model.works(size), (size, format_rule(rule))


@pytest.mark.parametrize("added", [(True,), (True, True), (False, True), (True, False, False)])
def test_a_size_of_1_that_broadcasts_is_among_those_that_work(added: Sequence[bool]) -> None:
    model = AddingUNet(added)
    rule = rule_of(model, "H", 1, 3, 16, 16)
    assert 1 in rule.exceptions
    assert not rule.partial
    assert_true(rule, model, 100)


@examples(60)
@given(st.lists(st.booleans(), min_size=1, max_size=5), st.integers(1, 3))
@example([False, False, True], 1)
def test_a_rule_knows_every_size_at_which_added_skips_broadcast(
    added: list[bool], periods: int
) -> None:
    model = AddingUNet(added)
    assert_true(rule_of(model, "H", 1, 3, periods * 2 ** len(added), 7), model, 200)


@examples(60)
@given(st.integers(2, 6), st.sampled_from((0, 2)), st.integers(1, 40))
@example(4, 0, 3)
@example(4, 0, 4)
@example(4, 0, 8)
@example(2, 2, 3)
def test_a_rule_says_nothing_wrong_of_a_size_that_is_split(
    count: int, axis: Literal[0, 2], size: int
) -> None:
    model = Chunks(count, axis)
    if model.works(size):
        shape = [1, 3, 8, 8]
        shape[axis] = size
        rule = rule_of(model, "B" if axis == 0 else "H", *shape)
        assert rule.allows(size)
        assert_true(rule, model, 400)


def test_a_rule_without_a_step_lists_what_was_tried_and_says_that_there_may_be_more() -> None:
    rule = rule_of(Chunks(4, 0), "B", 3, 3, 8, 8)
    assert (rule.multiple, rule.partial) == (0, True)
    assert format_rule(rule).endswith(" or 2520, and perhaps others")


@dataclass(frozen=True)
class UpTo:
    """Takes a height up to the largest, in multiples of a step, or of 1 below the first."""

    largest: int
    step: int = 1

    def __call__(self, run: ToyRun, x: Value) -> None:
        height = int(x.shape[2])
        if not self.works(height):
            raise ToyError(f"{height} does not fit", "add", (x,))
        run.op("add", x.shape, x)

    def works(self, size: int) -> bool:
        return size <= self.largest and (size % self.step == 0 or size < self.step)


@pytest.mark.parametrize(
    ("model", "start"),
    [
        (UpTo(1 << 14), "1 to 16384"),
        (UpTo(1 << 14, 32), "multiples of 32, 32 to 16384; also 1, 2, 3, 4, 5, 6, 7, 8"),
    ],
)
def test_a_model_is_not_run_at_every_size_that_works(model: UpTo, start: str) -> None:
    """Its runs may take seconds, and there may be thousands of sizes."""
    runner = ToyRunner(model, x=(1, 3, model.largest, 4))
    base = base_of(runner)
    runner.runs.clear()
    rule = find_size_rules(runner, base, axes_of(runner)).rule("H")
    assert format_rule(rule).startswith(start)
    assert all(map(rule.allows, range(1, model.step)))
    assert len({run["x"] for run in runner.runs if "x" in run}) < 160
