"""Finds code that asks for the exact type of a tensor, such as ``type(x) is torch.Tensor``.

A tensor without data has a class of its own, for which the answer differs, and no class can hide
that. So the source of the model is searched for such questions, and the run is observed for whether
it gets to one. Source that is not at hand, such as that of ``exec``, is not searched.
"""

from __future__ import annotations

import ast
import builtins
import functools
import linecache
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from inspect import getattr_static
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any
from weakref import WeakKeyDictionary

from torch import Tensor, nn

from tracer.from_torch.capture.source.type_comparisons import comparisons_in, may_be_tensor
from tracer.from_torch.capture.source.user_source import GENERATED, TORCH, FileLine, import_path

EXACT_TYPES = (Tensor, nn.Parameter)
EXACT_NAMES = ("Tensor", "Parameter", *map(str, EXACT_TYPES))
"""What ``type(x).__name__`` and ``str(type(x))`` may be compared with."""

TYPE_CONTAINERS = (tuple, list, set, frozenset, dict)
TRACER = str(Path(__file__).parents[3])
FOREIGN_FILES = (
    *(TORCH, TRACER, GENERATED, "<frozen"),
    *(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")),
)
"""Where files begin that are not the model's, unless a class of the model is defined in them."""

GlobalNames = dict[str, Any]
LinesByFile = Mapping[str, frozenset[int]]
"""The lines on which code asks for an exact type, by the file as code objects name it."""

_SEARCHED: WeakKeyDictionary[nn.Module, LinesByFile] = WeakKeyDictionary()

EXACT_TYPE_NOTE = (
    "The model asks for the exact type of a tensor at {}:{}, and a tensor without data has another "
    "one, so the model was run on real numbers."
)


@dataclass(slots=True)
class TypeQuestions:
    """The lines on which the code of a model asks, and the first of these that a run got to."""

    lines: LinesByFile
    asked: FileLine | None = None
    _seen: set[CodeType] = field(default_factory=set)

    @staticmethod
    def of(modules: Mapping[str, nn.Module]) -> TypeQuestions:
        """The questions in the source of a model, all modules of which are given by path."""
        model = modules[""]
        if model not in _SEARCHED:
            files = _own_files(modules.values())
            found = {name: frozenset(question_lines(name, space)) for name, space in files.items()}
            _SEARCHED[model] = {name: lines for name, lines in found.items() if lines}
        return TypeQuestions(_SEARCHED[model])

    @contextmanager
    def observed(self) -> Iterator[None]:
        """Observe inside the `with` block whether a function with a question runs.

        Where a profiler runs already, each of them is taken to run.
        """
        if not self.lines:
            yield
        elif sys.getprofile() is not None:
            self.asked = next((file, min(lines)) for file, lines in self.lines.items())
            yield
        else:
            sys.setprofile(self._profile)
            try:
                yield
            finally:
                sys.setprofile(None)

    @property
    def note(self) -> str:
        """What a trace says that was made on real numbers for this reason."""
        file, line = self.asked or ("", 0)
        return EXACT_TYPE_NOTE.format(import_path(file), line)

    def _profile(self, frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event != "call" or code.co_filename not in self.lines or code in self._seen:
            return
        self._seen.add(code)
        own = self.lines[code.co_filename].intersection(line for _, _, line in code.co_lines())
        if own and self.asked is None:
            self.asked = code.co_filename, min(own)


def question_lines(file: str, namespace: GlobalNames) -> Iterator[int]:
    """The lines of a file on which it asks whether a type is exactly that of a tensor.

    Args:
        file: The file as code objects name it; a cell of a notebook is one, too.
        namespace: What the global names in it stand for.
    """
    for line, two_types, others in comparisons_in(_source(file, namespace)):
        if two_types or any(_is_exact(part, namespace) for part in others):
            yield line


def _source(file: str, namespace: GlobalNames) -> str:
    """The source of a file. Lines that Python did not keep before are dropped: they are many."""
    is_kept = file in linecache.cache
    source = "".join(linecache.getlines(file, namespace))
    if not is_kept:
        linecache.cache.pop(file, None)
    return source


def _is_exact(node: ast.expr, namespace: GlobalNames) -> bool:
    """Whether an expression is the class of a tensor, its name, or a container of these."""
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return any(_is_exact(part, namespace) for part in node.elts)
    if isinstance(node, ast.Dict):
        return any(_is_exact(part, namespace) for part in node.keys if part is not None)
    if isinstance(node, ast.Constant):
        return node.value in EXACT_NAMES
    if isinstance(node, ast.Attribute) and not may_be_tensor(node.value):
        return any(_is_exact_value(one) for one in _attributes(node.attr, namespace))
    return _is_exact_value(_value(node, namespace))


def _attributes(name: str, namespace: GlobalNames) -> Iterator[Any]:
    """The attributes of this name of the classes in a file."""
    for item in list(namespace.values()):
        if isinstance(item, type):
            yield getattr_static(item, name, None)


def _is_exact_value(value: Any) -> bool:
    if isinstance(value, TYPE_CONTAINERS):
        return any(map(_is_exact_value, value))
    return any(value is one for one in EXACT_TYPES)


def _value(node: ast.expr, namespace: GlobalNames) -> Any:
    """What a name or an attribute of a name stands for; None if that is not known."""
    if isinstance(node, ast.Name):
        return namespace.get(node.id, getattr(builtins, node.id, None))
    if isinstance(node, ast.Attribute):
        owner = _value(node.value, namespace)
        if isinstance(owner, (ModuleType, type)):
            return getattr_static(owner, node.attr, None)
    return None


# -------------------------------------------------------------------------------- the model's code


def _own_files(modules: Iterable[nn.Module]) -> dict[str, GlobalNames]:
    """The files of the model's classes and of what they import, each with its global names."""
    classes = {base for module in modules for base in type(module).__mro__}
    roots = [one for cls in classes for one in _functions_in(vars(cls).values())]
    files = {one.__code__.co_filename for one in roots}
    own = {file for file in files if not file.startswith(TORCH)}
    found: dict[str, GlobalNames] = {}
    searched: set[int] = set()
    pending = roots
    while pending:
        function = pending.pop()
        file, namespace = function.__code__.co_filename, function.__globals__
        if file in own or not file.startswith(FOREIGN_FILES):
            found.setdefault(file, namespace)
            if id(namespace) not in searched:
                searched.add(id(namespace))
                pending += _functions_in(_named_in(namespace))
    return found


def _named_in(namespace: GlobalNames) -> Iterator[Any]:
    """What global names stand for, and what is in the classes and the modules among that."""
    for item in list(namespace.values()):
        kind = type(item)
        if issubclass(kind, ModuleType):
            file = vars(item).get("__file__")
            if isinstance(file, str) and not file.startswith(FOREIGN_FILES):
                yield from list(vars(item).values())
        elif issubclass(kind, type):
            yield from list(vars(item).values())
        else:
            yield item


def _functions_in(items: Iterable[Any]) -> list[FunctionType]:
    """The functions among objects, and those in wrappers; no attribute of theirs is looked up."""
    found: list[FunctionType] = []
    seen: set[int] = set()
    pending = list(items)
    while pending:
        one = pending.pop()
        kind = type(one)
        if id(one) in seen:
            continue
        seen.add(id(one))
        if issubclass(kind, FunctionType):
            found.append(one)
            pending += [cell.cell_contents for cell in one.__closure__ or () if _is_full(cell)]
        elif issubclass(kind, (staticmethod, classmethod)):
            pending.append(one.__func__)
        elif issubclass(kind, property):
            pending.append(one.fget)
        elif issubclass(kind, (functools.partial, functools.cached_property)):
            pending.append(one.func)
    return found


def _is_full(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False
