"""A function cut into pieces: what a walkthrough goes through one by one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

Definition = ast.FunctionDef | ast.AsyncFunctionDef
StatementKind = Literal["signature", "docstring", "header", "statement", "return"]


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, or the head of a loop or branch, with the comments and ``else:`` above it.

    `first` to `last` are its lines in the file, the statement itself begins at `start`. A statement
    on several lines runs them in an order of its own; it is done when it binds its `targets`, or,
    without any, when line `done` has run.
    """

    kind: StatementKind
    first: int
    start: int
    last: int
    done: int
    targets: frozenset[str] = frozenset()


def cut(definition: Definition, first: int) -> tuple[Statement, ...]:
    """The pieces of a function whose text begins in line `first`; together they are all of it."""
    return tuple(_with_what_is_above(first, _pieces(definition)))


def _with_what_is_above(first: int, pieces: Iterator[Statement]) -> Iterator[Statement]:
    """Each piece with the lines between it and the one before: comments, blanks, ``else:``."""
    for piece in pieces:
        yield replace(piece, first=first)
        first = piece.last + 1


def _pieces(definition: Definition) -> Iterator[Statement]:
    body = definition.body
    yield _head("signature", definition, _end_of_signature(definition))
    if ast.get_docstring(definition, clean=False) is not None:
        yield _head("docstring", body[0], body[0].end_lineno or body[0].lineno)
        body = body[1:]
    yield from _statements(body)


def _statements(body: list[ast.stmt]) -> Iterator[Statement]:
    for statement in body:
        inner = [getattr(statement, name, []) for name in ("body", "orelse", "finalbody")]
        inner[1:1] = [handler.body for handler in getattr(statement, "handlers", [])]
        if not inner[0]:
            yield _statement(statement)
            continue
        yield _head("header", statement, _end_of_head(statement))
        for part in inner:
            yield from _statements(part)


def _head(kind: StatementKind, node: ast.stmt, last: int) -> Statement:
    return Statement(kind, node.lineno, node.lineno, last, done=node.lineno)


def _end_of_signature(definition: Definition) -> int:
    parts = [*ast.walk(definition.args), *([definition.returns] if definition.returns else [])]
    return _last_line(definition, parts)


def _end_of_head(statement: ast.stmt) -> int:
    """The last line of ``if ...:``, ``for ... in ...:``, ``with ...:``."""
    parts = [
        part
        for name, value in ast.iter_fields(statement)
        if name not in {"body", "orelse", "finalbody", "handlers"}
        for part in (value if isinstance(value, list) else [value])
    ]
    return _last_line(statement, parts)


def _last_line(statement: ast.stmt, parts: list[ast.AST]) -> int:
    return max(statement.lineno, *(getattr(part, "end_lineno", 0) for part in parts), 0)


def _statement(statement: ast.stmt) -> Statement:
    value = getattr(statement, "value", None) or statement
    return Statement(
        kind="return" if isinstance(statement, ast.Return) else "statement",
        first=statement.lineno,
        start=statement.lineno,
        last=statement.end_lineno or statement.lineno,
        done=value.lineno,
        targets=frozenset(_targets(statement)),
    )


def _targets(statement: ast.stmt) -> Iterator[str]:
    found = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    for target in found:
        for node in ast.walk(target) if target else ():
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                yield node.id
