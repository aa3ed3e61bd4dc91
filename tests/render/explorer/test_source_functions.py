"""Functions are found by their names and lines, with what they call and in which order."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent

import pytest

from tests.example import example
from tracer.record import Line, Trace
from tracer.render.explorer.source_functions import SourceFunction, find_functions

FILE = "net.py"


def trace_of(*lines: tuple[str, int]) -> Trace:
    """A trace of which only lines count: the function and the number of each."""
    ran = tuple(Line("", function, FILE, number, 0, 0) for function, number in lines)
    return replace(example(), lines=ran)


def function(source: str, name: str, line: int) -> SourceFunction:
    found = find_functions(trace_of((name, line)), {FILE: dedent(source)})
    return found[FILE, name]


def callees(found: SourceFunction) -> list[str]:
    lines = found.source.split("\n")
    texts = (lines[one.line - found.first].encode("utf-16-le") for one in found.calls)
    return [
        text[2 * one.column : 2 * (one.column + one.length)].decode("utf-16-le")
        for text, one in zip(texts, found.calls, strict=True)
    ]


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ("f(g(x), h(y))", ["g", "h", "f"]),
        ("x = self.down[i].block[j](hs[-1], temb)", ["block[j]"]),
        ("x = torch.cat([h, hs.pop()], dim=1)", ["pop", "cat"]),
        ("y[f(x)] = g(x)", ["g", "f"]),
        ("y += g(x)", ["g"]),
        ("y: int = g(x)", ["g"]),
        ("make(x)(y)", ["make", "make(x)"]),
        ("'ㄱ𝒙', f(x)", ["f"]),
        ("[f(x) for x in g()]", ["f", "g"]),
        ("lambda: f(x)", []),
    ],
)
def test_calls_are_in_the_order_of_evaluation(code: str, texts: list[str]) -> None:
    assert callees(function(f"def forward(x):\n    {code}\n", "forward", 2)) == texts


def test_a_callee_over_several_lines_is_named_on_the_line_of_its_last_name() -> None:
    found = function("def f(x):\n    return (\n        x.a\n        .b(x)\n    )\n", "f", 4)
    assert [(one.line, one.column, one.name) for one in found.calls] == [(4, 9, "b")]


def test_a_decorator_is_part_of_its_function() -> None:
    source = "import torch\n\n@torch.no_grad()\ndef f(x):\n    return x\n"
    found = function(source, "f", 5)
    assert (found.first, found.last) == (3, 5)
    assert found.source == "@torch.no_grad()\ndef f(x):\n    return x\n"


def test_statements_are_headers_where_they_are_compound() -> None:
    source = "def f(x):\n    for i in range(\n        2\n    ):\n        x = (\n            x)\n"
    assert function(source, "f", 5).statements == ((1, 1), (2, 4), (5, 6))


SEVERAL = """
class Net:
    def forward(self, x):
        def inner(y):
            return y
        return inner(x)

    def other(self):
        return lambda x: x


def forward(x):
    return x


if True:
    def forward(x):
        return -x
"""


@pytest.mark.parametrize(
    ("name", "line", "lines"),
    [
        ("Net.forward", 6, (3, 6)),
        ("Net.forward.<locals>.inner", 5, (4, 5)),
        ("Net.other.<locals>.<lambda>", 9, (9, 9)),
        ("forward", 13, (12, 13)),
        ("forward", 18, (17, 18)),
    ],
)
def test_a_function_is_found_by_its_name_and_its_lines(
    name: str, line: int, lines: tuple[int, int]
) -> None:
    found = function(SEVERAL, name, line)
    assert (found.first, found.last) == lines
    assert found.source


@pytest.mark.parametrize("source", ["", "def other(x):\n    return x\n", "def f(x:\n", "\0"])
def test_a_file_that_no_longer_is_what_ran_has_no_text(source: str) -> None:
    found = function(source, "forward", 7)
    assert (found.source, found.first, found.last, found.calls) == ("", 7, 7, ())


def test_all_functions_of_a_changed_file_have_no_text() -> None:
    source = "def f(x):\n    return x\n\ndef g(x):\n    return x\n"
    found = find_functions(trace_of(("f", 2), ("g", 9)), {FILE: source})
    assert [one.source for one in found.values()] == ["", ""]


def test_lines_that_end_as_on_windows_are_lines() -> None:
    assert function("def f(x):\r\n    return x\r\n", "f", 2).source == "def f(x):\n    return x\n"
