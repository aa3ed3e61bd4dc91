"""Which variables a run of a line surely set, by where it began and where it went on."""

# ruff: noqa: C416, RET504 - the functions are as models write them

from __future__ import annotations

import dis
from collections.abc import Callable
from typing import Any

import pytest

from tracer.from_torch.capture.source.code_names import names_in_code


def one_store(x: Any) -> Any:
    h = x
    return h


def for_header(xs: Any) -> Any:
    for h in xs:
        xs = h
    return xs


def one_line_if(x: Any) -> Any:
    if x: h = x  # noqa: E701  # fmt: skip
    return h


def either(x: Any, y: Any) -> Any:
    h = x if y else y
    return h


def both(x: Any) -> Any:
    h, y = x, x
    return h, y


def comprehension(h: Any) -> Any:
    ys = [h for h in h]
    return ys


def begins(function: Callable[..., Any], line: int) -> int:
    """The offset of the first instruction on a line, counted from the ``def``."""
    code = function.__code__
    wanted = code.co_firstlineno + line
    return min(start for start, _, number in code.co_lines() if number == wanted)


def stored(function: Callable[..., Any], to: int, *, is_left: bool = False) -> list[str]:
    """What line 1 of a function surely set when line `to` comes next."""
    begin, end = begins(function, 1), begins(function, to)
    ahead = names_in_code(function.__code__).stores.get(begin, ())
    return [one.name for one in ahead if one.has_run(begin, end, is_left=is_left)]


@pytest.mark.parametrize(
    ("function", "to", "expected"),
    [
        (one_store, 2, ["h"]),
        (for_header, 2, ["h"]),
        (for_header, 3, []),
        (one_line_if, 2, []),
        (either, 2, ["h"]),
        (comprehension, 2, ["ys"]),
    ],
)
def test_a_variable_is_set_unless_a_jump_led_past_it(
    function: Callable[..., Any], to: int, expected: list[str]
) -> None:
    assert stored(function, to) == expected


def test_two_variables_of_one_line_are_both_set() -> None:
    assert sorted(stored(both, 2)) == ["h", "y"]


def test_what_comes_after_the_place_where_a_function_was_left_is_not_set() -> None:
    begin = begins(one_store, 1)
    (store,) = names_in_code(one_store.__code__).stores[begin]
    assert not store.has_run(begin, begin, is_left=True)
    assert store.has_run(begin, store.offset + 2, is_left=True)


def test_a_line_has_no_stores_of_the_next_line() -> None:
    code = names_in_code(both.__code__)
    last = max(one.offset for one in dis.get_instructions(both))
    assert last not in code.stores
