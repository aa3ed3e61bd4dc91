"""Splits a function into statements, the units that a walkthrough shows one by one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

Definition = ast.FunctionDef | ast.AsyncFunctionDef
StatementKind = Literal["signature", "docstring", "header", "statement", "return"]
NESTED_BODIES = {"body", "orelse", "finalbody", "handlers"}


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, or the header of a loop or branch, with the comments and ``else:`` above it.

    `first` to `last` are its lines in the file, and the statement itself begins at `start`. Python
    runs the lines of a statement out of order; the execution is complete when its `targets` are
    bound or, if it has none, when line `done` has run.
    """

    kind: StatementKind
    first: int
    start: int
    last: int
    done: int
    targets: frozenset[str] = frozenset()


def split_statements(definition: Definition, first: int) -> tuple[Statement, ...]:
    """Return the statements of a function; together they cover all its lines.

    Args:
        definition: The syntax tree of the function.
        first: The line at which its text begins, decorators included.
    """
    return tuple(_extend_upwards(first, _signature_and_body(definition)))


def _extend_upwards(first: int, statements: Iterator[Statement]) -> Iterator[Statement]:
    """Each statement with the comments, blank lines and ``else:`` between it and the one before."""
    for statement in statements:
        yield replace(statement, first=first)
        first = statement.last + 1


def _signature_and_body(definition: Definition) -> Iterator[Statement]:
    body = definition.body
    yield _header("signature", definition, _end_of_signature(definition))
    if ast.get_docstring(definition, clean=False) is not None:
        yield _header("docstring", body[0], body[0].end_lineno or body[0].lineno)
        body = body[1:]
    yield from _statements(body)


def _statements(body: list[ast.stmt]) -> Iterator[Statement]:
    for node in body:
        inner = [getattr(node, name, []) for name in ("body", "orelse", "finalbody")]
        inner[1:1] = [handler.body for handler in getattr(node, "handlers", [])]
        if not inner[0]:
            yield _simple_statement(node)
            continue
        yield _header("header", node, _end_of_header(node))
        for part in inner:
            yield from _statements(part)


def _header(kind: StatementKind, node: ast.stmt, last: int) -> Statement:
    return Statement(kind, node.lineno, node.lineno, last, done=node.lineno)


def _end_of_signature(definition: Definition) -> int:
    parts = [*ast.walk(definition.args), *([definition.returns] if definition.returns else [])]
    return _last_line(definition, parts)


def _end_of_header(node: ast.stmt) -> int:
    """The last line of ``if ...:``, ``for ... in ...:``, ``with ...:``."""
    parts = [
        part
        for name, value in ast.iter_fields(node)
        if name not in NESTED_BODIES
        for part in (value if isinstance(value, list) else [value])
    ]
    return _last_line(node, parts)


def _last_line(node: ast.stmt, parts: list[ast.AST]) -> int:
    return max(node.lineno, *(getattr(part, "end_lineno", 0) for part in parts), 0)


def _simple_statement(node: ast.stmt) -> Statement:
    value = getattr(node, "value", None) or node
    return Statement(
        kind="return" if isinstance(node, ast.Return) else "statement",
        first=node.lineno,
        start=node.lineno,
        last=node.end_lineno or node.lineno,
        done=value.lineno,
        targets=frozenset(_targets(node)),
    )


def _targets(node: ast.stmt) -> Iterator[str]:
    """The names that a statement binds."""
    targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
    for target in targets:
        for part in ast.walk(target) if target else ():
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                yield part.id
