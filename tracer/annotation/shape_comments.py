"""Comments about shapes in the text of a source file: found, removed, and placed.

A comment that begins with `SHAPE_MARK` belongs to this tool; all others, and all code, stay as they
are. It stands at the end of its statement or, where the line would become too long, above it.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from tracer.annotation.line_shapes import NamedShape
from tracer.annotation.statement_spans import StatementSpan, find_statements
from tracer.errors import TraceError

SHAPE_MARK = "# shape:"
UNKNOWN_AXES = "..."


@dataclass(frozen=True, slots=True)
class ShapeComment:
    """A comment about shapes: the first line of its statement, its text, and the line it is on."""

    statement: int
    text: str
    line: int


def comment_text(shapes: Sequence[NamedShape]) -> str:
    """Return shapes as a comment states them.

    >>> comment_text([NamedShape("h", (1, 128, "H/2", "W/2"))])
    '(1, 128, H/2, W/2)'
    >>> comment_text([NamedShape("q", (1, 64)), NamedShape("k", None)])
    'q (1, 64), k (...)'
    """
    if len(shapes) == 1:
        return _shape_text(shapes[0])
    return ", ".join(f"{one.name} {_shape_text(one)}".lstrip() for one in shapes)


def _shape_text(one: NamedShape) -> str:
    if one.shape is None:
        return f"({UNKNOWN_AXES})"
    sizes = [str(size) for size in one.shape]
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"


def without_comments(source: str) -> str:
    """Return a source without the comments of this tool, and without the lines of their own."""
    pairs = zip(lines_of(source), lines_of(with_blanked_comments(source)), strict=False)
    return "".join(after for before, after in pairs if after.strip() or not before.strip())


def with_blanked_comments(code: str) -> str:
    """Return code without the comments of this tool; every line keeps its number.

    Args:
        code: A source, or a part of one, which may end inside a statement.

    >>> with_blanked_comments("h = f(x)  # shape: (1, 8)\\n# shape: (1, 4)\\nreturn g(")
    'h = f(x)\\n\\nreturn g('
    """
    lines = lines_of(code)
    with suppress(tokenize.TokenError, SyntaxError):  # the comments before that were found
        for line, column in _marks(code):
            text = lines[line - 1]
            ending = text[len(text.rstrip("\r\n")) :]
            lines[line - 1] = text[:column].rstrip() + ending
    return "".join(lines)


def find_comments(source: str) -> list[ShapeComment]:
    """Return the comments of this tool, with the line that their statement has without them.

    The statement of a comment on a line of its own is the next one. A comment that belongs to none
    has the statement 0.
    """
    lines = lines_of(source)
    spans = find_statements(without_comments(source))
    found, removed = [], 0
    for line, column in _marks(source):
        number = line - removed
        if not lines[line - 1][:column].strip():
            removed += 1
            number = _next_statement(spans, number)
        span = spans.get(number)
        text = lines[line - 1][column + len(SHAPE_MARK) :].strip()
        found.append(ShapeComment(span.first if span else 0, text, line))
    return found


def with_comments(source: str, texts: Mapping[int, str], width: int) -> str:
    """Return a source with comments.

    Args:
        source: The source, without comments of this tool.
        texts: The text of each comment, by the first line of its statement.
        width: The most characters of a line.

    Raises:
        TraceError: The source would no longer be the same program.
    """
    lines = lines_of(source)
    spans = find_statements(source)
    for first, text in sorted(texts.items(), reverse=True):
        _place(lines, spans[first], f"{SHAPE_MARK} {text}", width)
    result = "".join(lines)
    if ast.dump(ast.parse(result)) != ast.dump(ast.parse(source)):
        raise TraceError("The comments would change what the source means; nothing was written.")
    return result


def lines_of(source: str) -> list[str]:
    """Return the lines of a source as Python counts them, with their ends."""
    return list(io.StringIO(source, newline="\n"))


def _place(lines: list[str], span: StatementSpan, comment: str, width: int) -> None:
    text = lines[span.last - 1]
    code = text.rstrip("\r\n")
    ending = text[len(code) :] or "\n"
    at_end = f"{code.rstrip()}  {comment}"
    if len(at_end) <= width:
        lines[span.last - 1] = at_end + text[len(code) :]
    else:
        indent = lines[span.first - 1][: span.indent]
        lines.insert(span.first - 1, f"{indent}{comment}{ending}")


def _next_statement(spans: Mapping[int, StatementSpan], line: int) -> int:
    return min((first for first in spans if first >= line), default=0)


def _marks(source: str) -> Iterator[tuple[int, int]]:
    """The line and the column of each comment of this tool, also behind another comment."""
    for token in tokenize.generate_tokens(io.StringIO(source, newline="\n").readline):
        if token.type == tokenize.COMMENT and SHAPE_MARK in token.string:
            yield token.start[0], token.start[1] + token.string.index(SHAPE_MARK)
