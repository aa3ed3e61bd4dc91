"""A line with a comprehension is one line of a trace, also where Python runs it inline (PEP 709).

Expected lines were written down from the source by hand, so that every Python is compared with the
same. The instructions at the end are those that Python 3.13 makes.
"""

from __future__ import annotations

import dis
from collections.abc import Iterator
from types import SimpleNamespace

import torch
from torch import Tensor, nn

import tracer
from tests.from_torch.zoo import source_line
from tracer.from_torch.capture.recording import record
from tracer.from_torch.capture.source.code_names import names_in_code
from tracer.from_torch.capture.source.inlined_comprehensions import (
    InlinedComprehensions,
    with_variables,
)


def lines_of(model: nn.Module) -> Iterator[tuple[str, int, list[str]]]:
    """The text of each line of a trace, how many steps it ran, and what it did."""
    for line in tracer.trace(model, torch.zeros(1, 3, 4, 4)).lines:
        if not line.touches_tensors:
            continue
        named = [name for name, _ in line.names]
        changes = [f"{one.kind} {one.name} {one.depth}" for one in line.changes]
        reads = [f"read {name}" for name, _ in line.reads]
        yield source_line(line.file, line.line), line.last - line.first, named + changes + reads


class OnOneLine(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        hs = [x * number for number in range(3)]
        by_number = {number: h + 1 for number, h in enumerate(hs)}
        x = sum(h.relu() for h in by_number.values())
        return x


def test_a_comprehension_is_part_of_its_line() -> None:
    assert list(lines_of(OnOneLine())) == [
        ("hs = [x * number for number in range(3)]", 3, ["push hs 1", "push hs 2", "push hs 3"]),
        (
            "by_number = {number: h + 1 for number, h in enumerate(hs)}",
            3,
            ["push by_number 1", "push by_number 2", "push by_number 3"] + ["read hs"] * 3,
        ),
        ("x = sum(h.relu() for h in by_number.values())", 6, ["x", *["read by_number"] * 3]),
    ]


class OverSeveralLines(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        hs = [
            part.relu()
            for part in x.split(1, 1)
            if part.sum().shape == ()
        ]  # fmt: skip
        x = torch.cat(
            [h * 2 for h in hs],
            1,
        )
        return x + 1


def test_a_comprehension_over_several_lines_is_the_line_on_which_it_begins() -> None:
    assert list(lines_of(OverSeveralLines())) == [
        ("for part in x.split(1, 1)", 1, []),
        ("hs = [", 6, ["push hs 1", "push hs 2", "push hs 3"]),
        ("[h * 2 for h in hs],", 3, ["read hs"] * 3),
        ("x = torch.cat(", 1, ["x"]),
        ("return x + 1", 1, []),
    ]


class Nested(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        h = x + 1
        rows = [[h * x for h in [x, x]] for x in [h + 0 for h in [x]]]
        for row in rows: x = sum([h.relu() for h in row])  # noqa: E701  # fmt: skip
        return x + h


def test_the_variables_of_a_comprehension_are_not_those_of_the_function() -> None:
    assert list(lines_of(Nested())) == [
        ("h = x + 1", 1, ["h"]),
        (
            "rows = [[h * x for h in [x, x]] for x in [h + 0 for h in [x]]]",
            3,
            ["push rows 1", "push rows 2"],
        ),
        (
            "for row in rows: x = sum([h.relu() for h in row])  # noqa: E701  # fmt: skip",
            4,
            ["x", "push row 1", "push row 2", "read rows", "read rows"],
        ),
        ("return x + h", 1, []),
    ]


class PoppedFromAnAttribute(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.hs: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        [self.hs.append(x + number) for number in range(2)]
        xs = [self.hs.pop() for _ in range(2)]
        return torch.stack(xs).sum(0)


def test_an_attribute_that_only_a_comprehension_names_is_observed() -> None:
    assert list(lines_of(PoppedFromAnAttribute())) == [
        (
            "[self.hs.append(x + number) for number in range(2)]",
            2,
            ["push self.hs 1", "push self.hs 2"],
        ),
        (
            "xs = [self.hs.pop() for _ in range(2)]",
            0,
            ["push xs 1", "push xs 2", "pop self.hs 1", "pop self.hs 0"],
        ),
        ("return torch.stack(xs).sum(0)", 2, ["read xs"] * 2),
    ]


class Fails(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        hs = [x + 1]
        ys = [h.view(number) for h in hs for number in (48, 7)]
        return ys[0]


def test_a_comprehension_that_fails_is_the_last_line() -> None:
    recording = record(Fails(), torch.zeros(1, 3, 4, 4))
    found = recording.lines
    assert [(source_line(one.file, one.line), one.last - one.first) for one in found] == [
        ("hs = [x + 1]", 1),
        ("ys = [h.view(number) for h in hs for number in (48, 7)]", 1),
    ]


def test_the_names_in_a_comprehension_are_those_of_its_line() -> None:
    def function(self, hs, x):  # type: ignore[no-untyped-def]
        return [self.skips.pop(h) for h in hs if x]

    code = function.__code__
    named = names_in_code(code).by_line[code.co_firstlineno + 1]
    assert named >= {"self", "hs", "x", "self.skips", "self.skips.pop"}
    assert "h" not in named


# -------------------------------------------------------------------------- instructions as of 3.13


def instruction(offset: int, name: str, argument: object, *position: int | None) -> SimpleNamespace:
    return SimpleNamespace(
        offset=offset, opname=name, argval=argument, positions=dis.Positions(*position)
    )


COMPREHENSION = 3, 7, 9, 5
INSTRUCTIONS = [
    instruction(4, "LOAD_FAST", "hs", 5, 5, 17, 19),
    instruction(6, "GET_ITER", None, *COMPREHENSION),
    instruction(8, "LOAD_FAST_AND_CLEAR", "h", *COMPREHENSION),
    instruction(10, "BUILD_LIST", 0, *COMPREHENSION),
    instruction(14, "FOR_ITER", 20, 5, 5, 8, 19),
    instruction(18, "STORE_FAST", "h", 5, 5, 12, 13),
    instruction(20, "NOP", None, None, None, None, None),
    instruction(24, "LOAD_FAST", "h", 4, 4, 8, 9),
    instruction(26, "LIST_APPEND", 2, 4, 4, 8, 16),
    instruction(30, "END_FOR", None, *COMPREHENSION),
    instruction(34, "STORE_FAST", "ys", 3, 3, 4, 6),
    instruction(36, "STORE_FAST", "h", *COMPREHENSION),
    instruction(40, "LOAD_FAST", "h", 8, 8, 11, 12),
]
"""Of ``ys = [ ... ]`` over the lines 3 to 7, and of ``return h`` below it."""


def test_the_instructions_of_a_comprehension_are_found() -> None:
    found = InlinedComprehensions()
    variables = {
        one.offset: names
        for one, names in with_variables(INSTRUCTIONS, found)  # type: ignore[arg-type]
    }
    assert found.inside == {10, 14, 18, 20, 24, 26, 30}
    assert found.after == {34}
    assert {offset for offset, names in variables.items() if names} == found.inside | {8}
    assert variables[24] == {"h"}


def test_one_comprehension_may_follow_another_and_be_in_another() -> None:
    instructions = [
        instruction(0, "LOAD_FAST_AND_CLEAR", "a", 1, 1, 20, 30),
        instruction(2, "FOR_ITER", 9, 1, 1, 20, 30),
        instruction(4, "LOAD_FAST_AND_CLEAR", "b", 1, 1, 0, 40),
        instruction(6, "LOAD_FAST_AND_CLEAR", "c", 1, 1, 2, 12),
        instruction(8, "LOAD_FAST", "c", 1, 1, 3, 4),
        instruction(10, "STORE_FAST", "b", 1, 1, 0, 40),
        instruction(12, "RETURN_VALUE", None, 1, 1, 0, 44),
    ]
    found = InlinedComprehensions()
    variables = {
        one.offset: set(names)
        for one, names in with_variables(instructions, found)  # type: ignore[arg-type]
    }
    assert found.after == {4, 12}
    assert found.inside == {2, 6, 8, 10}
    assert variables[8] == {"b", "c"}
