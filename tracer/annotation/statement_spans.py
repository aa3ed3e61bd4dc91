"""Where the statements of a source file begin and end, and what they bind."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

BODIES = ("body", "orelse", "finalbody", "handlers", "cases")


@dataclass(frozen=True, slots=True)
class StatementSpan:
    """The lines of a statement; of a compound one, such as a loop, those of its header.

    Attributes:
        first: Its first line.
        last: Its last line.
        indent: The column in which it begins.
        done: The line of the expression that it computes, which runs last.
    """

    first: int
    last: int
    indent: int
    done: int


def find_statements(source: str) -> dict[int, StatementSpan]:
    """Return the innermost statement of each line that belongs to one.

    Statements that share a line count as one.

    Raises:
        SyntaxError: The source is not Python.

    >>> spans = find_statements("for x in (\\n    1,\\n):\\n    y = (\\n        x)\\n")
    >>> [(line, span.first, span.last) for line, span in spans.items()]
    [(1, 1, 3), (2, 1, 3), (3, 1, 3), (4, 4, 5), (5, 4, 5)]
    """
    return statements_in(ast.parse(source))


def statements_in(tree: ast.AST) -> dict[int, StatementSpan]:
    """Return the same for a part of a file, such as a function."""
    spans: dict[int, StatementSpan] = {}
    for span in _spans(tree):
        known = [spans[line] for line in range(span.first, span.last + 1) if line in spans]
        for other in known:
            first, last = min(span.first, other.first), max(span.last, other.last)
            indent = min(span.indent, other.indent)
            span = StatementSpan(first, last, indent, other.done)
        spans |= dict.fromkeys(range(span.first, span.last + 1), span)
    return dict(sorted(spans.items()))


def _spans(tree: ast.AST) -> Iterator[StatementSpan]:
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt):
            value = getattr(node, "value", None) or node
            yield StatementSpan(node.lineno, _last_line(node), node.col_offset, value.lineno)


def _last_line(node: ast.stmt) -> int:
    """The last line of a statement, or of the header of a compound one."""
    inside = [part for name in BODIES for part in getattr(node, name, ())]
    if not inside:
        return node.end_lineno or node.lineno
    outside = {id(part) for body in inside for part in ast.walk(body)}
    header = [part for part in ast.walk(node) if id(part) not in outside and part is not node]
    return max(node.lineno, *(getattr(part, "end_lineno", None) or 0 for part in header), 0)
