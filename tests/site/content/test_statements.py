"""tracer/site/content/statements.py: a function split into statements."""

from __future__ import annotations

import ast
from textwrap import dedent

from tracer.site.content.statements import Definition, Statement, split_statements

SOURCE = dedent(
    '''\
    def forward(
        self, x
    ) -> Tensor:
        """What it does."""
        a, (b, *c) = f(x)

        # why
        if (
            a
        ):
            hs.append(
                g(a),
            )
        else:
            x: Tensor = b
        with open(x) as file, other():
            pass
        try:
            h += 1
        except Error:
            h = 2
        finally:
            done()
        return h
    '''
)


def pieces() -> tuple[Statement, ...]:
    definition = ast.parse(SOURCE).body[0]
    assert isinstance(definition, Definition)
    return split_statements(definition, 1)


def test_the_statements_cover_the_whole_function() -> None:
    ends = [(piece.first, piece.last) for piece in pieces()]
    starts = [1, *(last + 1 for _, last in ends)]
    assert [first for first, _ in ends] == starts[:-1]
    assert starts[-1] == len(SOURCE.splitlines()) + 1


def test_headers_and_statements_are_in_the_order_of_the_text() -> None:
    found = [(piece.kind, piece.start, piece.last) for piece in pieces()]
    assert found == [
        ("signature", 1, 3),
        ("docstring", 4, 4),
        ("statement", 5, 5),
        ("header", 8, 9),
        ("statement", 11, 13),
        ("statement", 15, 15),
        ("header", 16, 16),
        ("statement", 17, 17),
        ("header", 18, 18),
        ("statement", 19, 19),
        ("statement", 21, 21),
        ("statement", 23, 23),
        ("return", 24, 24),
    ]


def test_comments_and_else_belong_to_what_follows() -> None:
    firsts = {piece.start: piece.first for piece in pieces()}
    assert (firsts[8], firsts[15], firsts[21]) == (6, 14, 20)


def test_a_statement_knows_the_names_that_it_binds() -> None:
    targets = {piece.start: piece.targets for piece in pieces()}
    assert targets[5] == {"a", "b", "c"}
    assert (targets[15], targets[19], targets[11]) == ({"x"}, {"h"}, set())
