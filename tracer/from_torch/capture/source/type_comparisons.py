"""Finds the comparisons in source that compare the type of what may be a tensor."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable
from hashlib import sha256
from itertools import chain, pairwise

MAY_ASK = (
    re.compile(r"type\((?<!\wtype\()(?!self\)|cls\))"),
    re.compile(r"\.__class__(?<!self\.__class__)(?<!cls\.__class__)\b"),
)
"""What source contains that asks for a type; parsing takes much longer. Each begins with what it
looks for, which is quicker than one expression for both."""

DEFINITION = re.compile(r"^(?:class|def|async def)\b", re.MULTILINE)
"""Where a function or class begins that is not inside another."""

MEMBER = re.compile(r"^(?: {4}|\t)(?:@|(?:class|def|async def)\b)", re.MULTILINE)
"""Where a member of such a class begins."""

QUOTES = ('"""', "'''")

TypeComparison = tuple[int, bool, list[ast.expr]]
"""The line of a comparison, whether it compares two types, and what else it compares."""

FILES = 256
"""For so many files it is known what they compare: models often share them."""

_COMPARISONS: dict[bytes, tuple[TypeComparison, ...]] = {}
"""What files compare, by the digest of their source."""


def comparisons_in(source: str) -> tuple[TypeComparison, ...]:
    """Return where source compares the type of what may be a tensor, whatever its names stand for.

    It is found once. What is kept for that does not hold the source, which is long.
    """
    digest = sha256(source.encode(errors="surrogatepass")).digest()
    found = _COMPARISONS.get(digest)
    if found is None:
        if len(_COMPARISONS) == FILES:
            _COMPARISONS.clear()
        found = _COMPARISONS[digest] = _comparisons(source)
    return found


def _comparisons(source: str) -> tuple[TypeComparison, ...]:
    found = []
    for trees in _trees_of_blocks(source):
        typed = _typed_variables(trees)
        for node in chain.from_iterable(map(ast.walk, trees)):
            parts = _compared(node)
            asks = [part for part in parts if _asks(part, typed)]
            others = [part for part in parts if part not in asks]
            if asks:
                two_types = len(asks) > 1 and isinstance(node, ast.Compare)
                found.append((asks[0].lineno, two_types, others))
    return tuple(found)


def _trees_of_blocks(source: str) -> list[list[ast.AST]]:
    """What matters of each function and class that may ask, which is quicker than the whole."""
    blocks = _parts(source, DEFINITION, 0, len(source)) if _may_ask(source, 0, len(source)) else ()
    try:
        return [_trees(source, *block) for block in blocks if _may_ask(source, *block)]
    except SyntaxError:  # a string that looks like a definition
        return _whole_tree(source)


def _trees(source: str, start: int, end: int) -> list[ast.AST]:
    """The members of a class that may ask, or name a variable that holds a type; or a function."""
    is_class = source.startswith("class", start)
    parts = _parts(source, MEMBER, start, end) if is_class else [(start, end)]
    asking = [part for part in parts if _may_ask(source, *part)]
    trees = [_tree(source, *part) for part in asking]
    typed = _typed_variables(trees)
    naming = [part for part in parts if any(source.find(name, *part) >= 0 for name in typed)]
    return [*trees, *(_tree(source, *part) for part in naming if part not in asking)]


def _parts(source: str, pattern: re.Pattern[str], start: int, end: int) -> list[tuple[int, int]]:
    """The parts of source that begin where a pattern matches outside of strings."""
    matches = [match.start() for match in pattern.finditer(source, start, end)]
    outside = [at for at in matches if not any(source.count(q, start, at) % 2 for q in QUOTES)]
    return list(pairwise((start, *outside, end)))


def _may_ask(source: str, start: int, end: int) -> bool:
    return any(pattern.search(source, start, end) for pattern in MAY_ASK)


def _tree(source: str, start: int, end: int) -> ast.AST:
    part, lines = source[start:end], source.count("\n", 0, start)
    if part[0].isspace():
        part, lines = f"if True:\n{part}", lines - 1
    return ast.increment_lineno(ast.parse(part), lines)


def _whole_tree(source: str) -> list[list[ast.AST]]:
    try:
        return [[ast.parse(source)]]
    except SyntaxError:
        return []


def _compared(node: ast.AST) -> list[ast.expr]:
    """The expressions that an expression compares, or looks up in one another."""
    if isinstance(node, ast.Compare):
        return [node.left, *node.comparators]
    if isinstance(node, ast.Subscript):
        return [node.value, node.slice]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return [node.func.value, *node.args]  # table.get(type(x)), type(x).__eq__(Tensor)
    if isinstance(node, ast.Match):
        values = [part.value for part in ast.walk(node) if isinstance(part, ast.MatchValue)]
        return [node.subject, *values]
    return []


def _asks(node: ast.expr, typed: Collection[str] = ()) -> bool:
    """Whether an expression is the type of something that may be a tensor, or the name of one."""
    if isinstance(node, ast.NamedExpr):
        return _asks(node.value, typed)
    if isinstance(node, ast.Name):
        return node.id in typed
    if isinstance(node, ast.Attribute):
        is_name = node.attr in ("__name__", "__qualname__") and _asks(node.value, typed)
        return is_name or (node.attr == "__class__" and may_be_tensor(node.value))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
        is_text = node.func.id in ("str", "repr", "id") and _asks(node.args[0], typed)
        return is_text or (node.func.id == "type" and may_be_tensor(node.args[0]))
    return False


def may_be_tensor(node: ast.expr) -> bool:
    """Return whether an expression may stand for a tensor, as far as its form shows."""
    if isinstance(node, ast.Name):
        return node.id not in ("self", "cls")
    displays = (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.JoinedStr, ast.Lambda)
    return not isinstance(node, displays)


def _typed_variables(trees: Iterable[ast.AST]) -> set[str]:
    """The variables that a type is assigned to."""
    found: set[str] = set()
    for node in chain.from_iterable(map(ast.walk, trees)):
        if isinstance(node, (ast.Assign, ast.NamedExpr, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if node.value is not None and _asks(node.value):
                found.update(one.id for one in targets if isinstance(one, ast.Name))
    return found
