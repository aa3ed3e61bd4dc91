"""tracer/annotation/line_shapes.py: what statements made, from hand-built lines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tracer.annotation.line_shapes import common_shape, find_line_shapes
from tracer.annotation.statement_spans import find_statements
from tracer.record import Block, Change, Line, Step, Trace, Value

SOURCE = """\
def forward(self, x):
    h = self.conv(x)
    hs.append(self.conv(h))
    return self.conv(
        h,
    )
"""
SPANS = find_statements(SOURCE)


def value(name: str, *shape: int | str) -> Value:
    return Value(name, shape, "float32")


STEPS = tuple(Step("conv2d", (), (value(f"v{size}", 1, size),), "") for size in (8, 16, 32))
ROOT = Block("", "", "Net", (), (), 0, 0, 0, 3)


def line(number: int, first: int, last: int, block: str = "", **changes: object) -> Line:
    return replace(Line(block, "Net.forward", "net.py", number, first, last), **changes)  # type: ignore[arg-type]


def shapes(*lines: Line, call: str | None = None) -> dict[int, list[tuple[str, object]]]:
    trace = Trace("Net", (), (), STEPS, ROOT, lines)
    found = find_line_shapes(trace, "net.py", SPANS, call)
    return {first: [(one.name, one.shape) for one in named] for first, named in found.items()}


def test_a_statement_has_the_shape_of_what_it_binds_pushes_or_returns() -> None:
    push = Change("push", "hs", value("v16", 1, 16), 1)
    assert shapes(
        line(2, 0, 1, names=(("h", value("v8", 1, 8)),)),
        line(3, 1, 2, changes=(push,)),
        line(4, 2, 3),
    ) == {2: [("h", (1, 8))], 3: [("", (1, 16))], 4: [("", (1, 32))]}


def test_an_argument_of_a_call_over_several_lines_is_not_its_result() -> None:
    assert shapes(line(4, 0, 1), line(5, 1, 2), line(4, 2, 3)) == {4: [("", (1, 32))]}


def test_each_run_of_a_one_line_helper_counts_also_if_two_follow_each_other() -> None:
    one, two = value("a", 1, 8), value("b", 1, 9)
    runs = (line(2, 0, 1, names=(("h", one),)), line(2, 1, 2, names=(("h", two),)))
    assert shapes(*runs) == {2: [("h", (1, "?"))]}


def test_only_the_lines_of_a_chosen_call_count() -> None:
    lines = [
        line(2, number, number + 1, block, names=(("h", value(block, 1, 8 + number)),))
        for number, block in enumerate(("down.0", "down.1"))
    ]
    assert shapes(*lines, call="down.1") == {2: [("h", (1, 9))]}


def test_lines_of_another_file_do_not_count() -> None:
    assert shapes(line(2, 0, 1, file="other.py")) == {}


@pytest.mark.parametrize(
    ("known", "common"),
    [
        ([(1, 8)], (1, 8)),
        ([(1, 8), (1, 8)], (1, 8)),
        ([("B", "H/2"), ("B", "H/4")], ("B", "?")),
        ([(1, 8), (1, 8, 8)], None),
    ],
)
def test_what_shapes_have_in_common(known: list[tuple[int, ...]], common: object) -> None:
    assert common_shape(known) == common
