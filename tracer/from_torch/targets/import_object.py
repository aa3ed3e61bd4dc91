"""The object that a target names: ``package.module:name`` or ``path/file.py:name``.

What the user's own file raises while it is imported is shown as it is, with the line of that file.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from tracer.errors import TraceError, closest_file, closest_name, suggestion
from tracer.from_torch.targets.user_errors import described

TARGET_FORMS = "package.module:name, path/file.py:name, or a trace saved as .json"


def find_object(target: str) -> Any:
    """Import what stands before the colon, and return the object named after it.

    Raises TraceError when there is no such file, module or name, or when the import fails.
    """
    place, colon, name = target.rpartition(":")
    if not (place and colon and name):
        raise TraceError(f'"{target}" does not say what to trace: write {TARGET_FORMS}.')
    found: Any = _module_of_file(Path(place)) if is_file(place) else _module(place)
    for part in name.split("."):
        if not hasattr(found, part):
            raise TraceError(f'{place} has no "{part}". {_names_in(found, part)}')
        found = getattr(found, part)
    return found


def is_file(place: str) -> bool:
    """Whether what stands before the colon is a path, and not the name of a module."""
    return place.endswith(".py") or os.sep in place


def _module_of_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise TraceError(_no_file(path))
    root, name = _import_name(path.resolve())
    _search_first(root)
    try:
        return importlib.import_module(name) if "." in name else _run_file(path.resolve(), name)
    except (Exception, SystemExit) as error:
        raise TraceError(f"{path} cannot be imported: {described(error, path)}") from error


def _no_file(path: Path) -> str:
    if path.is_dir():
        return f'"{path}" is a folder: name a file in it, as {path}/file.py:name.'
    if not path.parent.is_dir():
        return f'There is no file "{path}": there is no folder "{path.parent}".'
    found = closest_file(path)
    hint = f' Did you mean "{found}"?' if found else ""
    return f'There is no file "{path}", seen from {Path.cwd()}.{hint}'


def _import_name(path: Path) -> tuple[Path, str]:
    """The folder to import from and the name of the module; dotted inside a package."""
    names = [] if path.stem == "__init__" else [path.stem]
    folder = path.parent
    while (folder / "__init__.py").is_file():
        names.insert(0, folder.name)
        folder = folder.parent
    return folder, ".".join(names)


def _run_file(path: Path, name: str) -> ModuleType:
    """A file by itself becomes a module, under another name where its own is taken."""
    taken = sys.modules.get(name)
    if taken is not None and getattr(taken, "__file__", None) == str(path):
        return taken
    if taken is not None or name in sys.stdlib_module_names:
        name = f"{name}_file"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError("Python imports files that end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # a dataclass looks its module up while it is made
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _search_first(folder: Path) -> None:
    """Imports look into the folder first, as they do for `python file.py`."""
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def _module(name: str) -> ModuleType:
    _search_first(Path.cwd())  # as `python -m` does, and a console script does not
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and f"{name}.".startswith(f"{error.name}."):
            raise TraceError(_no_module(name, error.name)) from error
        raise TraceError(f"{name} cannot be imported: {described(error)}") from error
    except (Exception, SystemExit) as error:
        raise TraceError(f"{name} cannot be imported: {described(error)}") from error


def _no_module(name: str, missing: str) -> str:
    parent, _, last = missing.rpartition(".")
    paths = list(sys.modules[parent].__path__) if parent and _is_package(parent) else None
    if parent and paths is None:
        return f'There is no module "{name}": {parent} is a file, and holds no modules.'
    prefix = f"{parent}." if parent else ""
    known = [prefix + module.name for module in pkgutil.iter_modules(paths)]
    if parent:
        return f'There is no module "{missing}". {suggestion(missing, known)}'
    found = closest_name(last, known)
    files = "Is it installed here? A file is named by its path, as path/file.py:name."
    return f'There is no module "{missing}". ' + (f'Did you mean "{found}"?' if found else files)


def _is_package(name: str) -> bool:
    return hasattr(sys.modules.get(name), "__path__")


def _names_in(found: Any, name: str) -> str:
    """The name that was probably meant; without one, the models in a module or class."""
    own = dict(_own_names(found))
    others = [other for other in dir(found) if not other.startswith("_")]
    meant = closest_name(name, own) or closest_name(name, others)
    models = [other for other, item in own.items() if _is_model(item)]
    return suggestion(name, [meant] if meant else models or own)


def _own_names(found: Any) -> Iterator[tuple[str, Any]]:
    """What can be called or traced, and was not imported from elsewhere."""
    own = getattr(found, "__name__", None)
    for name, item in vars(found).items() if hasattr(found, "__dict__") else ():
        here = getattr(item, "__module__", own) == own
        if here and not name.startswith("_") and (callable(item) or _is_model(item)):
            yield name, item


def _is_model(item: Any) -> bool:
    return isinstance(item, nn.Module) or (isinstance(item, type) and issubclass(item, nn.Module))
