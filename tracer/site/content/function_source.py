"""The source of one function, read from its file without importing it, so torch is not needed."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tracer.annotation.shape_comments import with_blanked_comments
from tracer.errors import SiteError
from tracer.site.content.statements import Definition, Statement, split_statements


@dataclass(frozen=True, slots=True)
class Function:
    """The source of a function.

    Attributes:
        name: Its qualified name, such as ``Model.forward``.
        file: Its file as traces write it, relative to the folder that it is imported from.
        first: The number of its first line.
        lines: Its text, without the common indent and without comments that `unet-trace annotate`
            wrote: a walkthrough shows shapes itself.
        parameters: The parameters that may be tensors, as far as annotations tell.
        statements: The statements that together cover all lines.
    """

    name: str
    file: str
    first: int
    lines: tuple[str, ...]
    parameters: tuple[str, ...]
    statements: tuple[Statement, ...]

    @property
    def last(self) -> int:
        return self.first + len(self.lines) - 1

    @property
    def is_forward(self) -> bool:
        """Whether it is what a module runs when it is called."""
        return self.name.endswith(".forward")

    def text(self, first: int, last: int) -> tuple[str, ...]:
        """The lines of the file from `first` to `last`."""
        return self.lines[first - self.first : last - self.first + 1]


def read_function(path: str) -> Function:
    """Return the source of a function.

    Args:
        path: The function as ``package.module:Class.function``.

    Raises:
        SiteError: There is no such module or function.
    """
    module, colon, name = path.partition(":")
    file = _file_of(module) if colon else None
    if file is None:
        raise SiteError(f"{path}: there is no such module. Write package.module:Class.function.")
    function = function_in(file.read_text(encoding="utf-8"), name, _relative_path(module, file))
    if function is None:
        raise SiteError(f"{path}: there is no function {name} in {file.name}.")
    return function


def function_in(source: str, name: str, file: str) -> Function | None:
    """Return a function of a file; None if it has none of this name.

    Args:
        source: The text of the file.
        name: The qualified name of the function.
        file: The file as traces write it.
    """
    definition = _definition(ast.parse(source), name)
    if definition is None:
        return None
    first = min(node.lineno for node in (definition, *definition.decorator_list))
    lines = with_blanked_comments(source).splitlines()[first - 1 : definition.end_lineno]
    return Function(
        name=name,
        file=file,
        first=first,
        lines=tuple(textwrap.dedent("\n".join(lines)).splitlines()),
        parameters=tuple(_parameters(definition)),
        statements=split_statements(definition, first),
    )


def _file_of(module: str) -> Path | None:
    try:
        spec = find_spec(module)
    except (ImportError, ValueError):
        return None
    return Path(spec.origin) if spec and spec.origin else None


def _relative_path(module: str, file: Path) -> str:
    """The path of a module's file from the folder that its package is in."""
    packages = module.split(".")
    return "/".join((*(packages if file.name == "__init__.py" else packages[:-1]), file.name))


def _definition(tree: ast.AST, name: str) -> Definition | None:
    """The function with this qualified name; of several, the last."""
    for part in name.split("."):
        nodes = [
            node
            for node in getattr(tree, "body", ())
            if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
            and node.name == part
        ]
        if not nodes:
            return None
        tree = nodes[-1]
    return tree if isinstance(tree, (ast.FunctionDef, ast.AsyncFunctionDef)) else None


def _parameters(definition: Definition) -> Iterator[str]:
    args = definition.args
    for number, arg in enumerate((*args.posonlyargs, *args.args, *args.kwonlyargs)):
        annotation = ast.unparse(arg.annotation) if arg.annotation else "Tensor"
        is_instance = number == 0 and arg.arg in {"self", "cls"}
        if not is_instance and "Tensor" in annotation:
            yield arg.arg
