"""The source of one function, cut into the pieces that a walkthrough goes through one by one.

The source is read, not imported, so that torch is not needed for it.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from tracer.site.errors import SiteError

Definition = ast.FunctionDef | ast.AsyncFunctionDef
Kind = Literal["signature", "docstring", "header", "statement", "return"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A statement, or the head of a loop or branch, with the comments and ``else:`` above it.

    `first` to `last` are its lines in the file, the statement itself begins at `start`. A statement
    on several lines runs them in an order of its own; it is done when it binds its `targets`, or,
    without any, when line `done` has run.
    """

    kind: Kind
    first: int
    start: int
    last: int
    done: int
    targets: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Function:
    """The source of a function: where it is, its text without the common indent, its pieces.

    `parameters` are those that may be tensors, as far as their annotations say.
    """

    name: str
    file: str
    first: int
    lines: tuple[str, ...]
    parameters: tuple[str, ...]
    pieces: tuple[Piece, ...]

    @property
    def last(self) -> int:
        return self.first + len(self.lines) - 1

    def text(self, first: int, last: int) -> tuple[str, ...]:
        """The lines of the file from `first` to `last`."""
        return self.lines[first - self.first : last - self.first + 1]


def read_function(path: str) -> Function:
    """The function of a path such as ``package.module:Class.function``. Raises SiteError."""
    module, colon, name = path.partition(":")
    file = _file_of(module) if colon else None
    if file is None:
        raise SiteError(f"{path}: no such module. Write package.module:Class.function.")
    source = file.read_text(encoding="utf-8")
    definition = _definition(ast.parse(source), name)
    if definition is None:
        raise SiteError(f"{path}: {file.name} has no function {name}.")
    first = min(node.lineno for node in (definition, *definition.decorator_list))
    text = "\n".join(source.splitlines()[first - 1 : definition.end_lineno])
    return Function(
        name=name,
        file="/".join((*module.split(".")[: -1 if file.name != "__init__.py" else None], file.name)),
        first=first,
        lines=tuple(textwrap.dedent(text).splitlines()),
        parameters=tuple(_parameters(definition)),
        pieces=tuple(_with_what_is_above(first, list(_pieces(definition)))),
    )


def _file_of(module: str) -> Path | None:
    try:
        spec = find_spec(module)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin) if spec and spec.origin else None


def _definition(tree: ast.AST, name: str) -> Definition | None:
    """The function with this qualified name."""
    for part in name.split("."):
        found = [
            node
            for node in getattr(tree, "body", ())
            if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
            and node.name == part
        ]
        if not found:
            return None
        tree = found[-1]
    return tree if isinstance(tree, (ast.FunctionDef, ast.AsyncFunctionDef)) else None


def _parameters(definition: Definition) -> Iterator[str]:
    args = definition.args
    for number, arg in enumerate((*args.posonlyargs, *args.args, *args.kwonlyargs)):
        bound_to_instance = number == 0 and arg.arg in {"self", "cls"}
        if not bound_to_instance and "Tensor" in (
            ast.unparse(arg.annotation) if arg.annotation else "Tensor"
        ):
            yield arg.arg


def _pieces(definition: Definition) -> Iterator[Piece]:
    body = definition.body
    yield _head("signature", definition, _end_of_signature(definition))
    if ast.get_docstring(definition, clean=False) is not None:
        yield _head("docstring", body[0], body[0].end_lineno or body[0].lineno)
        body = body[1:]
    yield from _statements(body)


def _end_of_signature(definition: Definition) -> int:
    parts = [*ast.walk(definition.args), *([definition.returns] if definition.returns else [])]
    return max(getattr(part, "end_lineno", 0) for part in (definition.args, *parts)) or (
        definition.lineno
    )


def _statements(body: list[ast.stmt]) -> Iterator[Piece]:
    for statement in body:
        inner = [getattr(statement, name, []) for name in ("body", "orelse", "finalbody")]
        inner[1:1] = [handler.body for handler in getattr(statement, "handlers", [])]
        if not inner[0]:
            yield _statement(statement)
            continue
        yield _head("header", statement, _end_of_head(statement))
        for part in inner:
            yield from _statements(part)


def _head(kind: Kind, node: ast.stmt, last: int) -> Piece:
    return Piece(kind, node.lineno, node.lineno, last, done=node.lineno)


def _end_of_head(statement: ast.stmt) -> int:
    """The last line of ``if ...:``, ``for ... in ...:``, ``with ...:``."""
    parts = [
        part
        for name, value in ast.iter_fields(statement)
        if name not in {"body", "orelse", "finalbody", "handlers"}
        for part in (value if isinstance(value, list) else [value])
        if isinstance(part, ast.AST)
    ]
    return max([statement.lineno, *(getattr(part, "end_lineno", 0) for part in parts)])


def _statement(statement: ast.stmt) -> Piece:
    value = getattr(statement, "value", None) or statement
    return Piece(
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


def _with_what_is_above(first: int, pieces: list[Piece]) -> Iterator[Piece]:
    """Each piece with the lines between it and the one before: comments, blanks, ``else:``."""
    at = first
    for piece in pieces:
        yield Piece(piece.kind, at, piece.start, piece.last, piece.done, piece.targets)
        at = piece.last + 1
