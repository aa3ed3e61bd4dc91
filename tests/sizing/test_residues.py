"""Remainders of sizes that work, of toy UNets that round and join at any of their levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.conftest import examples
from tests.sizing.toy_runner import ToyError, ToyRun, ToyRunner, axes_of, base_of, image
from tracer.analysis.size_rules import Rule
from tracer.record import Value
from tracer.sizing.rule_lock import locked_rules
from tracer.sizing.rule_search import find_size_rules
from tracer.snapshot.rule_text import format_rule, parse_rule


@dataclass(frozen=True)
class Level:
    """One downsampling: its stride, whether it rounds up, and whether its skip is joined."""

    stride: int
    up: bool
    joined: bool

    def __call__(self, size: int) -> int:
        return -(-size // self.stride) if self.up else size // self.stride


@dataclass(frozen=True)
class ToyUNet:
    """A UNet of a height: what comes up is a multiple, and is joined with some of the skips."""

    levels: Sequence[Level]

    def __call__(self, run: ToyRun, x: Value) -> None:
        h, skips = x, []
        for level in self.levels:
            skips.append(h)
            height = level(int(h.shape[2]))
            if height < 1:
                raise ToyError("nothing is left", "conv2d", (h,))
            h = run.op("conv2d", image(h, height, int(h.shape[3])), h)
        for level, skip in zip(reversed(self.levels), reversed(skips), strict=True):
            height, width = level.stride * int(h.shape[2]), int(h.shape[3])
            h = run.op("interpolate", image(h, height, width, 3), h)
            if level.joined:
                run.cat(h, skip)

    def works(self, size: int) -> bool:
        """Whether a height fits, by arithmetic of its own."""
        sizes = [size]
        for level in self.levels:
            sizes.append(level(sizes[-1]))
        if sizes[-1] < 1:
            return False
        height = sizes[-1]
        for level, skip in zip(reversed(self.levels), reversed(sizes[:-1]), strict=True):
            height *= level.stride
            if level.joined and height != skip:
                return False
        return True

    @property
    def period(self) -> int:
        period = 1
        for level in self.levels:
            period *= level.stride
        return period


def rule_of(model: ToyUNet, size: int) -> Rule:
    runner = ToyRunner(model, x=(1, 3, size, 8))
    return find_size_rules(runner, base_of(runner), axes_of(runner)).rule("H")


levels = st.lists(
    st.builds(Level, st.sampled_from((2, 2, 2, 3)), st.booleans(), st.booleans()),
    min_size=1,
    max_size=5,
)


@examples(60)
@given(levels, st.integers(1, 3))
@example([Level(2, up=False, joined=level > 0) for level in range(8)], 1)
@example([Level(2, up=True, joined=level == 6) for level in range(7)], 1)
@example([Level(2, up=True, joined=False), Level(2, up=False, joined=True)], 1)
def test_a_rule_knows_every_remainder_of_a_unet_that_rounds(
    chain: list[Level], periods: int
) -> None:
    model = ToyUNet(chain)
    rule = rule_of(model, periods * model.period)
    for size in range(1, (periods + 3) * model.period + 2):
        assert rule.allows(size) == model.works(size), size


@dataclass(frozen=True)
class ShiftedLevel(Level):
    """A downsampling after a padding, which moves where a size is rounded."""

    shift: int = 0

    def __call__(self, size: int) -> int:
        return (size + self.shift) // self.stride


@st.composite
def shifted_levels(draw: st.DrawFn) -> ShiftedLevel:
    stride = draw(st.sampled_from((2, 2, 3, 4)))
    return ShiftedLevel(stride, False, draw(st.booleans()), draw(st.integers(0, stride - 1)))


UP, DOWN, JOINED = Level(2, True, False), Level(2, False, False), Level(2, False, True)


@examples(60)
@given(st.lists(shifted_levels(), min_size=1, max_size=4), st.integers(1, 2))
@example([UP, DOWN, JOINED, JOINED, JOINED, JOINED], 1)
@example([DOWN, UP, JOINED, JOINED], 1)
@example([UP, UP, DOWN, JOINED, JOINED], 1)
@example([UP, DOWN, JOINED, UP, DOWN, JOINED], 1)
@example([ShiftedLevel(4, False, False, 2), DOWN, UP, JOINED], 1)
def test_roundings_up_and_down_in_a_row_add_remainders_on_both_sides(
    chain: list[Level], periods: int
) -> None:
    model = ToyUNet(chain)
    start = periods * model.period
    sizes = [size for size in range(start, start + model.period) if model.works(size)]
    for size in {*sizes[:1], *sizes[-1:]}:
        rule = rule_of(model, size)
        for other in range(1, size + 2 * model.period + 2):
            assert rule.allows(other) == model.works(other), (size, other)


def test_a_second_remainder_is_a_rule_not_an_exception() -> None:
    rule = rule_of(ToyUNet([Level(2, up=False, joined=level > 0) for level in range(8)]), 256)
    assert (rule.multiple, rule.also, rule.exceptions) == (256, (1,), ())
    assert format_rule(rule) == "multiples of 256, and 0 or 1 more, at least 256"


def test_many_remainders_in_a_row_are_written_as_a_range_and_read_back() -> None:
    rule = rule_of(ToyUNet([Level(2, up=False, joined=level == 4) for level in range(5)]), 64)
    text = format_rule(rule)
    assert text == "multiples of 32, and 0 to 15 more, at least 32"
    read = parse_rule("H", text)
    assert read is not None
    assert [read.allows(size) for size in range(150)] == [rule.allows(size) for size in range(150)]


@pytest.mark.parametrize("joined", [0, 1, 3])
def test_locked_remainders_are_shown_to_hold_and_others_are_noticed(joined: int) -> None:
    chain = [Level(2, up=False, joined=level >= joined) for level in range(4)]
    runner = ToyRunner(ToyUNet(chain), x=(1, 3, 32, 8))
    locked = locked_rules(runner, base_of(runner))
    assert locked is not None
    again = ToyRunner(ToyUNet(chain), x=(1, 3, 32, 8))
    assert locked_rules(again, base_of(again), locked=locked) is locked
    stricter = ToyRunner(ToyUNet([Level(2, up=False, joined=True)] * 4), x=(1, 3, 32, 8))
    if joined:
        assert locked_rules(stricter, base_of(stricter), locked=locked) != locked
    untrue = replace(locked, rules={**locked.rules, "H": "at least 16"})
    assert locked_rules(again, base_of(again), locked=untrue) == locked


@pytest.mark.parametrize("window", [3, 5, 6, 7])
@pytest.mark.parametrize("halvings", [1, 3])
def test_windows_whose_size_divides_no_period_change_no_rule(window: int, halvings: int) -> None:
    unet = ToyUNet([Level(2, up=False, joined=True)] * halvings)

    def windowed(run: ToyRun, x: Value) -> None:
        height, width = int(x.shape[2]), int(x.shape[3])
        windows = run.op("unfold", image(x, -(-height // window), width), x)
        unet(run, run.op("fold", image(x, height, width), windows))

    runner = ToyRunner(windowed, x=(1, 3, 4 * 2**halvings, 8))
    rule = find_size_rules(runner, base_of(runner), axes_of(runner)).rule("H")
    assert (rule.multiple, rule.also, rule.exceptions) == (2**halvings, (), ())
