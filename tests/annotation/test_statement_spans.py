"""tracer/annotation/statement_spans.py: where statements begin and end."""

from __future__ import annotations

import pytest

from tracer.annotation.statement_spans import find_statements


@pytest.mark.parametrize(
    ("source", "spans"),
    [
        ("x = 1\n", {1: (1, 1)}),
        ("x = (\n    1\n)\n", {1: (1, 3), 2: (1, 3), 3: (1, 3)}),
        ("for x in y:\n    z = x\n", {1: (1, 1), 2: (2, 2)}),
        ("if (\n    a\n    and b\n):\n    c()\nelse:\n    d()\n", {1: (1, 3), 7: (7, 7)}),
        ("with a() as b, \\\n     c():\n    d()\n", {1: (1, 2), 2: (1, 2), 3: (3, 3)}),
        ("if a: b = c\n", {1: (1, 1)}),
        ("a = 1; b = (\n    2)\n", {1: (1, 2), 2: (1, 2)}),
        ('x = """one\ntwo"""\n', {1: (1, 2), 2: (1, 2)}),
        ("@a\ndef f(\n    x,\n):\n    return x\n", {2: (2, 3), 5: (5, 5)}),
        ("try:\n    a()\nexcept B:\n    c()\nfinally:\n    d()\n", {4: (4, 4), 6: (6, 6)}),
        ("match a:\n    case 1:\n        b = 2\n", {1: (1, 1), 3: (3, 3)}),
    ],
)  # fmt: skip
def test_a_line_belongs_to_its_innermost_statement(
    source: str, spans: dict[int, tuple[int, int]]
) -> None:
    found = find_statements(source)
    assert {line: (found[line].first, found[line].last) for line in spans} == spans


def test_a_call_over_several_lines_is_done_where_it_begins() -> None:
    found = find_statements("x = (\n    f(\n        y,\n    )\n)\n")
    assert found[4].done == 2


def test_what_is_no_python_is_refused() -> None:
    with pytest.raises(SyntaxError):
        find_statements("def")
