"""tracer/annotation/shape_comments.py: comments found, removed and placed."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import examples
from tracer.annotation.line_shapes import NamedShape
from tracer.annotation.shape_comments import (
    SHAPE_MARK,
    comment_text,
    find_comments,
    with_blanked_comments,
    with_comments,
    without_comments,
)
from tracer.annotation.statement_spans import find_statements

SOURCE = """\
class Net:
    def forward(self, x):  # a note
        h = self.a(x)  # type: ignore
        h = self.a_module_with_a_long_name(h, first=1, second=2)
        if h is not None:
            h = self.b(
                h,  # the same
            )
        text = '''
# shape: (no, comment)
'''
        return h
"""
TEXTS = {3: "(1, 8)", 4: "(1, ?)", 6: "(2, 8)", 12: "(B, 8)"}
WITH = """\
class Net:
    def forward(self, x):  # a note
        h = self.a(x)  # type: ignore  # shape: (1, 8)
        # shape: (1, ?)
        h = self.a_module_with_a_long_name(h, first=1, second=2)
        if h is not None:
            h = self.b(
                h,  # the same
            )  # shape: (2, 8)
        text = '''
# shape: (no, comment)
'''
        return h  # shape: (B, 8)
"""


def test_a_comment_stands_at_the_end_of_its_statement_or_above_it() -> None:
    assert with_comments(SOURCE, TEXTS, width=72) == WITH


def test_comments_are_removed_and_nothing_else() -> None:
    assert without_comments(WITH) == SOURCE
    assert without_comments(SOURCE) == SOURCE


def test_blanked_comments_leave_every_line_at_its_number() -> None:
    blanked = with_blanked_comments(WITH).splitlines()
    assert len(blanked) == len(WITH.splitlines())
    assert [line for number, line in enumerate(blanked) if number != 3] == SOURCE.splitlines()
    assert blanked[3] == ""


@pytest.mark.parametrize("code", ["h = f(", 'x = """', "    a\n  b\n c", "x = (1,\n"])
def test_comments_of_code_that_ends_too_early_are_blanked(code: str) -> None:
    assert with_blanked_comments(f"g(x)  # shape: (1,)\n{code}") == f"g(x)\n{code}"


def test_comments_are_found_with_their_statements() -> None:
    found = find_comments(WITH)
    assert {one.statement: one.text for one in found} == TEXTS
    assert [one.line for one in found] == [3, 4, 9, 13]


def test_a_comment_behind_the_last_statement_belongs_to_none() -> None:
    (found,) = find_comments(f"x = 1\n{SHAPE_MARK} (1,)\n")
    assert found.statement == 0


def test_line_ends_and_a_last_line_without_one_are_kept() -> None:
    source = "a = 1\r\nb = 2\r\n"
    text = with_comments(source, {1: "(1,)", 2: "(2,)"}, 80)
    assert text == "a = 1  # shape: (1,)\r\nb = 2  # shape: (2,)\r\n"
    assert without_comments(text) == source
    assert with_comments("a = 1", {1: "(1,)"}, 80) == "a = 1  # shape: (1,)"


@pytest.mark.parametrize(
    ("shapes", "text"),
    [
        ([NamedShape("h", (1, 128, "H/2"))], "(1, 128, H/2)"),
        ([NamedShape("h", (4,))], "(4,)"),
        ([NamedShape("h", ())], "()"),
        ([NamedShape("h", None)], "(...)"),
        ([NamedShape("q", (1, 2)), NamedShape("", (3, 4))], "q (1, 2), (3, 4)"),
    ],
)
def test_shapes_are_written_as_python_writes_tuples(shapes: list[NamedShape], text: str) -> None:
    assert comment_text(shapes) == text


STATEMENTS = (
    "h = f(x)",
    "h = f(  # why\n    x,\n)",
    "for x in (1,\n          2):\n    h = f(x)\n    g(h)",
    "if a: b = c",
    "text = '''\n# shape: (1,)\n'''",
    "# a comment",
    "",
    "def f(x):\n    return (\n        x + 1\n    )  # the sum",
)


@examples(80)
@given(st.lists(st.sampled_from(STATEMENTS), max_size=8), st.integers(10, 90), st.data())
def test_comments_come_and_go_without_a_trace(
    parts: list[str], width: int, data: st.DataObject
) -> None:
    source = "".join(f"{part}\n" for part in parts)
    firsts = sorted({span.first for span in find_statements(source).values()})
    chosen = data.draw(st.sets(st.sampled_from(firsts))) if firsts else set()
    texts = {first: f"({first}, H/2)" for first in chosen}
    text = with_comments(source, texts, width)
    assert without_comments(text) == source
    assert ast.dump(ast.parse(text)) == ast.dump(ast.parse(source))
    assert {one.statement: one.text for one in find_comments(text)} == texts
