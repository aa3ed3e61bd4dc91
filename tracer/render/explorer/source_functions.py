"""The functions of a model's source that ran: their text, their statements, what they call."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from tracer.annotation.statement_spans import statements_in
from tracer.record import Trace

FunctionKey = tuple[str, str]
"""A file and the qualified name of a function in it."""

METHODS_OF_CALLS = {"forward", "__call__"}
"""What a call runs whose code names the object only."""

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True, slots=True)
class Callee:
    """The text by which a line calls something: where it is, and the last name in it.

    `column` and `length` count UTF-16 units, as a browser does.
    """

    line: int
    column: int
    length: int
    name: str


@dataclass(frozen=True, slots=True)
class SourceFunction:
    """A function that ran, by the lines of its file; `source` is empty if its text is not known.

    Attributes:
        name: Its qualified name.
        file: The file as the trace names it.
        first: Its first line, decorators included.
        last: Its last line.
        source: These lines as they are in the file.
        statements: The first and the last line of each statement.
        calls: What it calls, in the order of evaluation.
    """

    name: str
    file: str
    first: int
    last: int
    source: str = ""
    statements: tuple[tuple[int, int], ...] = ()
    calls: tuple[Callee, ...] = ()

    def calls_on(self, line: int, name: str) -> bool:
        """Whether the statement of a line calls a function of this name, or any module."""
        spans = [span for span in self.statements if span[0] <= line <= span[1]]
        first, last = max(spans, default=(line, line))
        called = {one.name for one in self.calls if first <= one.line <= last}
        return name in called or (name in METHODS_OF_CALLS and bool(called))


def find_functions(trace: Trace, sources: Mapping[str, str]) -> dict[FunctionKey, SourceFunction]:
    """Return the functions whose lines a trace recorded, in the order in which they first ran.

    Args:
        trace: A trace with lines.
        sources: The texts of the files that it names. Of a file that is missing, or whose text is
            no longer what ran, only the numbers of the lines are known.
    """
    ran: dict[FunctionKey, set[int]] = {}
    for line in trace.lines:
        ran.setdefault((line.file, line.function), set()).add(line.line)
    names: dict[str, set[str]] = {}
    for file, name in ran:
        names.setdefault(file, set()).add(name)
    by_file = {file: _ParsedFile.of(sources.get(file, ""), names[file]) for file in names}
    nodes = {
        key: by_file[key[0]].node(key[1], min(lines), max(lines)) for key, lines in ran.items()
    }
    changed = {file for (file, _), node in nodes.items() if node is None}
    return {
        key: _unknown(key, ran[key])
        if node is None or key[0] in changed
        else by_file[key[0]].function(key, node)
        for key, node in nodes.items()
    }


def _unknown(key: FunctionKey, lines: Iterable[int]) -> SourceFunction:
    known = sorted(lines)
    return SourceFunction(key[1], key[0], known[0], known[-1])


@dataclass(frozen=True)
class _ParsedFile:
    """A source file: its lines, and some of its functions by their names."""

    lines: list[str]
    functions: Mapping[str, list[FunctionNode]]

    @staticmethod
    def of(source: str, wanted: Iterable[str]) -> _ParsedFile:
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):  # ValueError: null bytes, on Python 3.11
            return _ParsedFile([], {})
        functions: dict[str, list[FunctionNode]] = {}
        for name, node in _named_functions(tree, "", _with_owners(wanted)):
            functions.setdefault(name, []).append(node)
        return _ParsedFile(source.split("\n"), functions)

    def node(self, name: str, first: int, last: int) -> FunctionNode | None:
        """The function of this name that has these lines, if there is one."""
        nodes = self.functions.get(name, ())
        return next((one for one in nodes if first_line(one) <= first <= last <= _end(one)), None)

    def function(self, key: FunctionKey, node: FunctionNode) -> SourceFunction:
        file, name = key
        first, last = first_line(node), _end(node)
        found = statements_in(node).values()
        spans = dict.fromkeys((max(one.first, first), min(one.last, last)) for one in found)
        text = "\n".join(line.removesuffix("\r") for line in self.lines[first - 1 : last])
        calls = tuple(self.callee(one) for one in _calls_in_order(_body(node)))
        return SourceFunction(name, file, first, last, f"{text}\n", tuple(spans), calls)

    def callee(self, node: ast.Call) -> Callee:
        """The last name of what is called, with its indices: `block[i]` of `self.block[i](x)`."""
        inner = node.func
        while isinstance(inner, (ast.Subscript, ast.Call)):
            inner = inner.value if isinstance(inner, ast.Subscript) else inner.func
        line, column = inner.lineno, inner.col_offset
        name = inner.id if isinstance(inner, ast.Name) else ""
        if isinstance(inner, ast.Attribute):
            line = inner.end_lineno or line
            name, column = inner.attr, (inner.end_col_offset or 0) - len(inner.attr.encode())
        same_line = node.func.end_lineno == line
        end = (node.func if same_line else inner).end_col_offset or column
        text = self.lines[line - 1].encode()
        before, inside = text[:column].decode(), text[column:end].decode()
        return Callee(line, _units(before), _units(inside), name)


def _units(text: str) -> int:
    """How many UTF-16 units a text has."""
    return len(text.encode("utf-16-le")) // 2


def first_line(node: FunctionNode) -> int:
    """Return the first line of a function, decorators included."""
    decorators = getattr(node, "decorator_list", ())
    return min((part.lineno for part in decorators), default=node.lineno)


def _end(node: FunctionNode) -> int:
    return node.end_lineno or node.lineno


def _with_owners(names: Iterable[str]) -> set[str]:
    """Qualified names, and those of the classes and functions that they are inside of."""
    parts = (name.split(".") for name in names)
    return {".".join(part[:end]) for part in parts for end in range(1, len(part) + 1)}


def _named_functions(
    node: ast.AST, prefix: str, wanted: Container[str]
) -> Iterator[tuple[str, FunctionNode]]:
    """The functions below a node, with their qualified names; nothing inside of others is read."""
    for child in ast.iter_child_nodes(node):
        inside = prefix
        if isinstance(child, FunctionNode | ast.ClassDef):
            name = prefix + ("<lambda>" if isinstance(child, ast.Lambda) else child.name)
            if name not in wanted:
                continue
            inside = f"{name}."
            if isinstance(child, FunctionNode):
                yield name, child
                inside = f"{name}.<locals>."
        yield from _named_functions(child, inside, wanted)


def _body(node: FunctionNode) -> list[ast.AST]:
    return [node.body] if isinstance(node, ast.Lambda) else list(node.body)


def _calls_in_order(nodes: Iterable[ast.AST]) -> Iterator[ast.Call]:
    """The calls in some nodes, arguments before what takes them; not those of functions in them."""
    for node in nodes:
        if isinstance(node, FunctionNode | ast.ClassDef):
            continue
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):  # the value runs first
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from _calls_in_order([*([node.value] if node.value else []), *targets])
            continue
        yield from _calls_in_order(ast.iter_child_nodes(node))
        if isinstance(node, ast.Call):
            yield node
