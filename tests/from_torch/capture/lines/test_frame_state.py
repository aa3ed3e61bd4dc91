"""The lines of each call: quiet ones, small values, and what the call was given."""

# ruff: noqa: B007, C416, F841, RET504, SIM105 - the code that is traced is as models write it

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import tracer
from tracer.from_torch.capture.lines.quiet_lines import EXACT_QUIET_LINES
from tracer.from_torch.capture.recording import record
from tracer.record import Line


class Runs(nn.Module):
    """A model whose `forward` is a function of a test."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Any:
        return self.function(x)


def lines_of(function: Callable[..., Any], name: str | None = None) -> list[Line]:
    """The recorded lines of a function on a tensor, or of one that it calls."""
    name = name or function.__name__
    found = record(Runs(function), torch.ones(2, 3)).lines
    return [line for line in found if line.function.rpartition(".")[2] == name]


def numbers(function: Callable[..., Any], lines: list[Line]) -> list[tuple[list[int], int]]:
    """For each line its quiet lines and itself, counted from the ``def`` of the function."""
    first = function.__code__.co_firstlineno
    return [([one - first for one in line.before], line.line - first) for line in lines]


def named(line: Line) -> list[str]:
    return [name for name, _ in line.names]


# ------------------------------------------------------------------------------------------- calls


def nonlinearity(x: Tensor) -> Tensor:
    return x * torch.sigmoid(x)


def calls_twice(x: Tensor) -> Tensor:
    x = nonlinearity(x)
    return nonlinearity(x)


def test_two_calls_of_one_function_have_two_numbers() -> None:
    lines = record(Runs(calls_twice), torch.ones(2)).lines
    found = [(line.function, line.frame) for line in lines]
    assert found == [
        ("Runs.forward", 0),
        ("calls_twice", 1),
        ("nonlinearity", 2),
        ("calls_twice", 1),
        ("nonlinearity", 3),
    ]


def halved(x: Tensor, times: int) -> Tensor:
    if times:
        x = halved(x / 2, times - 1)
    return x


def test_a_recursive_call_has_a_number_of_its_own() -> None:
    def recurses(x: Tensor) -> Tensor:
        return halved(x, 2)

    lines = lines_of(recurses, "halved")
    assert [line.frame for line in lines] == [2, 3, 4, 3, 2]
    assert [line.sets for line in lines if line.entry] == [
        (("times", "2"),),
        (("times", "1"),),
        (("times", "0"),),
    ]


def doubled(x: Tensor) -> Generator[Tensor, Tensor | None, None]:
    for number in range(2):
        sent = yield x * number
        if sent is not None:
            x = x + sent


def test_two_generators_that_take_turns_are_two_calls() -> None:
    def alternates(x: Tensor) -> Tensor:
        one, two = doubled(x), doubled(x + 1)
        return next(one) + next(two) + next(one) + next(two)

    lines = lines_of(alternates, "doubled")
    assert [line.frame for line in lines] == [2, 3, 2, 3]
    assert numbers(doubled, lines) == [([1], 2), ([1], 2), ([3, 1], 2), ([3, 1], 2)]


def test_what_a_generator_does_with_what_it_is_sent_is_of_the_line_that_yields() -> None:
    def sends(x: Tensor) -> Tensor:
        running = doubled(x)
        next(running)
        return running.send(x)

    lines = lines_of(sends, "doubled")
    assert [(line.line - doubled.__code__.co_firstlineno, named(line)) for line in lines] == [
        (2, []),
        (2, ["sent"]),
        (4, ["x"]),
        (2, []),
    ]
    assert [line.before for line in lines][1] == ()


def test_a_generator_that_ends_has_its_last_lines_at_its_end_only() -> None:
    def exhausts(x: Tensor) -> list[Tensor]:
        return list(doubled(x))

    lines = lines_of(exhausts, "doubled")
    assert numbers(doubled, lines) == [([1], 2), ([3, 1], 2), ([3], 1)]
    assert [line.touches_tensors for line in lines] == [True, True, False]


def test_a_generator_that_stops_before_it_touched_a_tensor_goes_on_as_one_call() -> None:
    def waits(x: Tensor) -> Generator[None, None, None]:
        yield None
        yield None
        x = x + 1

    def runs_it(x: Tensor) -> Tensor:
        for _ in waits(x):
            x = x * 2
        return x

    lines = lines_of(runs_it, "waits")
    assert numbers(waits, lines) == [([1, 2], 3)]
    assert [dict(line.entry)["x"].name for line in lines] == ["x"]


def test_numbers_are_those_of_the_order_in_which_calls_began() -> None:
    frames = [line.frame for line in tracer.Session.open("tiny").trace.lines]
    firsts = list(dict.fromkeys(frames))
    assert sorted(firsts) == list(range(len(firsts)))


# ------------------------------------------------------------------------------------- quiet lines


def branches(x: Tensor) -> Tensor:
    assert x is not None
    for number in range(2):
        if number:
            x = x + number
    with torch.no_grad():
        pass
    return x


def test_the_lines_before_a_line_are_those_that_touched_no_tensor() -> None:
    found = numbers(branches, lines_of(branches))
    assert found == [([1, 2, 3, 2, 3], 4), ([2, 5, 6, 5], 7)]


def test_the_end_of_a_call_is_a_line_without_effect() -> None:
    *_, last = lines_of(branches)
    assert not last.touches_tensors
    assert (last.first, last.last, last.names, last.changes, last.reads) == (1, 1, (), (), ())


def is_wide(x: Tensor) -> bool:
    width = x.shape[-1]
    return width > 2


def test_a_function_that_touched_no_tensor_has_one_line() -> None:
    def asks(x: Tensor) -> Tensor:
        return x + 1 if is_wide(x) else x

    (line,) = lines_of(asks, "is_wide")
    assert numbers(is_wide, [line]) == [([1], 2)]
    assert line.sets == (("width", "3"),)
    assert [name for name, _ in line.entry] == ["x"]


def raises(x: Tensor) -> Tensor:
    if x.shape[0]:
        raise ValueError
    return x


def test_lines_that_an_exception_ended_are_there() -> None:
    def catches(x: Tensor) -> Tensor:
        try:
            x = raises(x)
        except ValueError:
            x = x + 1
        return x

    assert numbers(raises, lines_of(catches, "raises")) == [([1], 2)]
    lines = lines_of(catches)
    assert numbers(catches, lines) == [([1, 2, 3], 4), ([], 5)]


def test_the_lines_of_a_call_that_failed_are_in_the_trace_of_the_failure() -> None:
    assert numbers(raises, lines_of(raises)) == [([1], 2)]


@contextmanager
def observing(function: Callable[..., Any]) -> Iterator[list[int]]:
    """The lines of a function that Python reports to a debugger meanwhile."""
    seen: list[int] = []

    def watch(frame: Any, event: str, arg: Any) -> Any:
        if frame.f_code is not function.__code__:
            return None
        if event == "line":
            seen.append(frame.f_lineno)
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        yield seen
    finally:
        sys.settrace(before)


def many_branches(x: Tensor) -> Tensor:
    hs = [x, x]
    while len(hs) < 4:
        hs.append(x)
    for h in hs:
        try:
            if len(hs) > 2:
                continue
            x = h + 1
        finally:
            hs = hs[:-1]
    else:
        pass
    return x if len(hs) else x + 1


@pytest.mark.parametrize("function", [branches, many_branches, calls_twice])
def test_the_lines_of_a_call_are_exactly_those_that_ran(function: Callable[..., Any]) -> None:
    with observing(function) as expected:
        lines = lines_of(function)
    assert [one for line in lines for one in (*line.before, line.line)] == expected


def searches(x: Tensor) -> Tensor:
    for number in range(5000):
        if number == 4999:
            break
    else:
        number = 0
    return x + number


def test_a_long_loop_does_not_list_each_turn() -> None:
    (line,) = lines_of(searches)
    assert len(line.before) == EXACT_QUIET_LINES + 1
    assert numbers(searches, [line])[0][0][-1] == 3
    assert line.sets == (("number", "4999"),)


def test_equal_lists_of_lines_are_one_object() -> None:
    def loops(x: Tensor) -> Tensor:
        for _ in range(3):
            x = x + 1
        return x

    one, two, three, _ = lines_of(loops)
    assert one.before is two.before is three.before


# ----------------------------------------------------------------------------- names, at entry too


def test_a_name_that_is_given_its_own_tensor_again_was_assigned() -> None:
    def repeats(x: Tensor) -> Tensor:
        hs = [x]
        h = x
        h = hs[-1]
        for h in hs:
            pass
        h = x if hs else h
        return h

    found = [
        (named(line), line.line - repeats.__code__.co_firstlineno) for line in lines_of(repeats)
    ]
    assert found == [([], 1), (["h"], 2), (["h"], 3), (["h"], 4), (["h"], 6), ([], 7)]


def test_a_name_that_a_line_may_have_left_alone_was_not_assigned() -> None:
    def may(x: Tensor) -> Tensor:
        h = x
        if x.dim() > 9: h = x  # noqa: E701  # fmt: skip
        try:
            h = raises(x)
        except ValueError:
            pass
        x.dim() > 9 and (h := x)
        ys = [h for h in [x]]
        return h + len(ys)

    assert [named(line) for line in lines_of(may)][:2] == [["h"], []]
    assert sum("h" in named(line) for line in lines_of(may)) == 1


def test_the_first_line_of_a_call_has_the_tensors_that_it_was_given() -> None:
    def given(x: Tensor, scale: Tensor | None, *, factor: float) -> Tensor:
        x = x * factor
        return x

    def gives(x: Tensor) -> Tensor:
        y = x + 1
        return given(y, None, factor=0.5)

    first, last = lines_of(gives, "given")
    assert [(name, value.shape) for name, value in first.entry] == [("x", (2, 3))]
    assert first.entry[0][1] != dict(first.names)["x"]
    assert first.sets == (("factor", "0.5"), ("scale", "None"))
    assert last.entry == last.sets == ()


# ------------------------------------------------------------------------------------ small values


def test_a_line_has_the_small_values_that_are_new() -> None:
    def sets(x: Tensor) -> Tensor:
        scale, mode = 2, "nearest"
        x = x * scale
        scale = 2
        size = x.shape
        x = x.reshape(size)
        mode = x
        del scale
        return x + 1

    found = [line.sets for line in lines_of(sets)]
    assert found == [
        (("mode", "'nearest'"), ("scale", "2")),
        (("size", "(2, 3)"),),
        (),
        (("scale", ""),),
    ]


def test_a_list_that_changes_is_shown_anew() -> None:
    def grows(x: Tensor) -> Tensor:
        sizes = [1]
        x = x + 1
        sizes.append(2)
        x = x + 1
        sizes.append(x)
        return x

    assert [line.sets for line in lines_of(grows)] == [
        (("sizes", "[1]"),),
        (("sizes", "[1, 2]"),),
        (("sizes", ""),),
    ]


class Shouts:
    """An object that may not be asked for anything."""

    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(name)

    __repr__ = __str__ = __eq__ = __hash__ = __bool__ = __len__ = __iter__ = __getattribute__


class Counts(int):
    """A number that may not be written out."""

    def __repr__(self) -> str:
        raise AssertionError

    __str__ = bit_length = __repr__


def test_nothing_of_the_user_is_called() -> None:
    def holds(x: Tensor) -> Tensor:
        shout, count = Shouts(), Counts(3)
        pair, both = (1, shout), [count]
        number = 1
        return x + number + len(pair) + len(both)

    (line,) = lines_of(holds)
    assert line.sets == (("number", "1"),)


def test_the_small_values_of_a_trace_with_formulas_are_those_of_its_run() -> None:
    class Resizes(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            height = x.shape[-2]
            return x * height

    trace = tracer.trace(Resizes(), torch.ones(1, 3, 16, 24), symbolic=True)
    assert trace.outputs[0].shape == ("B", 3, "H", "W")
    (line,) = trace.lines
    assert line.sets == (("height", "16"),)
    assert line.entry == (("x", trace.inputs[0]),)
