"""One source file of a model, with the shapes that a trace found in it."""

from __future__ import annotations

import ast
import sys
import sysconfig
import textwrap
import tokenize
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tracer.annotation.line_shapes import find_line_shapes
from tracer.annotation.shape_comments import (
    comment_text,
    find_comments,
    lines_of,
    with_comments,
    without_comments,
)
from tracer.annotation.statement_spans import find_statements
from tracer.errors import shown_path
from tracer.record import Trace

INSTALL_FOLDERS = frozenset({"site-packages", "dist-packages"})
"""What the folders of installed packages are called; a search path may hold several of them."""

DEFAULT_WIDTH = 88
"""The longest line, where no configuration of a formatter says otherwise."""


@dataclass(frozen=True, slots=True)
class FalseComment:
    """A comment that is not true: its line, what it says, and the truth, empty for no tensor."""

    line: int
    says: str
    truth: str

    def __str__(self) -> str:
        truth = f"it is {self.truth}" if self.truth else "no tensor is made there"
        return f"line {self.line}: the comment says {self.says or 'nothing'}, but {truth}"


@dataclass(frozen=True, slots=True, repr=False)
class AnnotatedFile:
    """A source file and the texts of its comments.

    Attributes:
        name: The file as the trace names it.
        path: Where it is.
        source: Its text now.
        texts: What each statement makes, by its first line in the text without comments.
    """

    name: str
    path: Path
    source: str
    texts: Mapping[int, str]

    @staticmethod
    def of(trace: Trace, file: str, path: Path, call: str | None) -> AnnotatedFile:
        """Return a file of a trace, whose text is still what ran.

        Args:
            trace: A trace with lines.
            file: The file as the trace names it.
            path: Where it is.
            call: The call of the block whose shapes are wanted; None for what all calls share.
        """
        source = read_source(path)
        spans = find_statements(source)
        plain = find_statements(without_comments(source))
        moved = dict(zip(_firsts(spans), _firsts(plain), strict=True))
        shapes = find_line_shapes(trace, file, spans, call)
        return AnnotatedFile(
            file, path, source, {moved[line]: comment_text(found) for line, found in shapes.items()}
        )

    def __repr__(self) -> str:
        return f"<AnnotatedFile of {self.name}, comments: {len(self.texts)}>"

    def __str__(self) -> str:
        return "\n\n".join(
            f"# {shown_path(self.path)}:{first}\n{text}"
            for first, text in self.functions_with_comments()
        )

    @property
    def with_comments(self) -> str:
        """The text with all comments, each of which is true."""
        width = line_width(self.path)
        return with_comments(without_comments(self.source), self.texts, width)

    def has_changed(self) -> bool:
        """Return whether the file has another text by now."""
        return read_source(self.path) != self.source

    def encoded(self, text: str) -> bytes:
        """Return a text in the encoding that the file declares."""
        return text.encode(_encoding_of(self.path))

    def functions_with_comments(self) -> Iterator[tuple[int, str]]:
        """Yield the first line and the text of each outermost function that has a comment."""
        text = self.with_comments
        lines = lines_of(text)
        commented = {comment.line for comment in find_comments(text)}
        for node in _functions(ast.parse(text)):
            first = min(part.lineno for part in (node, *node.decorator_list))
            last = node.end_lineno or first
            if commented.intersection(range(first, last + 1)):
                yield first, textwrap.dedent("".join(lines[first - 1 : last]))

    def false_comments(self) -> Iterator[FalseComment]:
        """Yield the comments of the text that are not true."""
        for comment in find_comments(self.source):
            truth = self.texts.get(comment.statement, "")
            if comment.text != truth:
                yield FalseComment(comment.line, comment.text, truth)

    @property
    def has_formulas(self) -> bool:
        """Whether comments of the text hold names of sizes."""
        return any(
            any(character.isalpha() for character in part)
            for comment in find_comments(self.source)
            for part in _sizes(comment.text)
        )

    @property
    def is_installed(self) -> bool:
        """Whether the file belongs to an installed package, also of another environment."""
        path = self.path.resolve()
        if not INSTALL_FOLDERS.isdisjoint(path.parts):
            return True
        names = "purelib", "platlib", "stdlib"
        return any(path.is_relative_to(Path(sysconfig.get_path(name)).resolve()) for name in names)


def read_source(path: Path) -> str:
    """Return the text of a source file, in the encoding that it declares, with its line ends."""
    return path.read_bytes().decode(_encoding_of(path))


def _encoding_of(path: Path) -> str:
    with path.open("rb") as file:
        return tokenize.detect_encoding(file.readline)[0]


def _functions(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions that are in no other function."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield child
        else:
            yield from _functions(child)


def annotated_files(trace: Trace, call: str | None = None) -> list[AnnotatedFile]:
    """Return the source files whose lines a trace recorded, in the order in which they ran.

    A file that is in no folder that Python imports from is left out.

    Args:
        trace: A trace with lines.
        call: The call of the block whose shapes are wanted; None for what all calls share.
    """
    files = dict.fromkeys(line.file for line in trace.lines if line.touches_tensors)
    found = ((file, find_file(file)) for file in files)
    return [AnnotatedFile.of(trace, file, path, call) for file, path in found if path is not None]


def _firsts(spans: Mapping[int, object]) -> list[int]:
    return list(dict.fromkeys(span.first for span in spans.values()))  # type: ignore[attr-defined]


def _sizes(text: str) -> Iterator[str]:
    """The texts of the sizes in a comment, without the names before the shapes."""
    for part in text.split("(")[1:]:
        yield part.partition(")")[0]


def find_file(file: str) -> Path | None:
    """Return where a file is that a trace names, relative to a folder that is imported from."""
    candidates = (Path(entry or ".").resolve() / file for entry in sys.path)
    return next((path for path in candidates if path.is_file()), None)


def line_width(path: Path) -> int:
    """Return the longest line that the formatter of a project allows, as its files say."""
    for folder in path.resolve().parents:
        for name, keys in CONFIGURATIONS:
            configured = _configured(folder / name, keys)
            if configured is not None:
                return configured
        if (folder / "pyproject.toml").is_file() or (folder / ".git").exists():
            break
    return DEFAULT_WIDTH


CONFIGURATIONS = (
    (".ruff.toml", ((),)),
    ("ruff.toml", ((),)),
    ("pyproject.toml", (("tool", "ruff"), ("tool", "black"))),
)


def _configured(file: Path, tables: tuple[tuple[str, ...], ...]) -> int | None:
    try:
        document = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    for table in tables:
        found = document
        for key in table:
            found = found.get(key, {})
        width = found.get("line-length")
        if isinstance(width, int):
            return width
    return None
