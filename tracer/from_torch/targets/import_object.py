"""Imports the object that a target names: ``package.module:name`` or ``path/file.py:name``.

An exception in the user's own file is shown with the line of that file.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from tracer.errors import TraceError, closest_file, closest_name, require_no_device, suggestion
from tracer.from_torch.targets.file_import import (
    import_file,
    missing_module_hint,
    prepend_to_path,
)
from tracer.from_torch.targets.user_errors import describe_error

TARGET_FORMS = "package.module:name, path/file.py:name, or a trace saved as .json"


def find_object(target: str) -> Any:
    """Imports what precedes the colon of a target, and returns the object named after it.

    Args:
        target: ``package.module:name`` or ``path/file.py:name``; a name may have dots.

    Raises:
        TraceError: There is no such file, module or name, or the import fails.

    >>> find_object("torch.nn:Conv2d")
    <class 'torch.nn.modules.conv.Conv2d'>
    """
    module_name, colon, name = target.rpartition(":")
    if not (module_name and colon and name):
        raise TraceError(f'Cannot parse target "{target}". Use {TARGET_FORMS}.')
    is_file = module_name.endswith(".py") or os.sep in module_name
    named: Any = _import_file(Path(module_name)) if is_file else _import_module(module_name)
    for part in name.split("."):
        if not hasattr(named, part):
            raise TraceError(f'{module_name} has no "{part}". {_suggested_names(named, part)}')
        named = getattr(named, part)
    return named


def _import_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise TraceError(_missing_file(path))
    return import_file(path)


def _missing_file(path: Path) -> str:
    if path.is_dir():
        return f'"{path}" is a folder: name a file in it, as {path}/file.py:name.'
    require_no_device(path)
    if not path.parent.is_dir():
        return f'File "{path}" does not exist: there is no folder "{path.parent}".'
    similar = closest_file(path)
    hint = f' Did you mean "{similar}"?' if similar else ""
    return f'File "{path}" does not exist (working directory: {Path.cwd()}).{hint}'


def _import_module(name: str) -> ModuleType:
    prepend_to_path(Path.cwd())  # as `python -m` does, and a console script does not
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and f"{name}.".startswith(f"{error.name}."):
            raise TraceError(_missing_module(name, error.name)) from error
        text = f"{name} cannot be imported: {describe_error(error)}"
        raise TraceError("\n".join(filter(None, (text, missing_module_hint(error))))) from error
    except (Exception, SystemExit) as error:
        raise TraceError(f"{name} cannot be imported: {describe_error(error)}") from error


def _missing_module(name: str, missing: str) -> str:
    parent, _, last = missing.rpartition(".")
    paths = list(sys.modules[parent].__path__) if parent and _is_package(parent) else None
    if parent and paths is None:
        return f'There is no module "{name}": {parent} is a file, and holds no modules.'
    prefix = f"{parent}." if parent else ""
    known = [prefix + module.name for module in pkgutil.iter_modules(paths)]
    if parent:
        return f'There is no module "{missing}". {suggestion(missing, known)}'
    similar = closest_name(last, known)
    files = "Is it installed here? A file is named by its path, as path/file.py:name."
    hint = f'Did you mean "{similar}"?' if similar else files
    return f'There is no module "{missing}". {hint}'


def _is_package(name: str) -> bool:
    return hasattr(sys.modules.get(name), "__path__")


def _suggested_names(namespace: Any, name: str) -> str:
    """The most similar name in a module or class; without one, its models."""
    own = dict(_own_names(namespace))
    others = [other for other in dir(namespace) if not other.startswith("_")]
    similar = closest_name(name, own) or closest_name(name, others)
    models = [other for other, item in own.items() if _is_model(item)]
    return suggestion(name, [similar] if similar else models or own)


def _own_names(namespace: Any) -> Iterator[tuple[str, Any]]:
    """The callables and models of a module or class that are defined in it."""
    own = getattr(namespace, "__name__", None)
    for name, item in vars(namespace).items() if hasattr(namespace, "__dict__") else ():
        is_own = getattr(item, "__module__", own) == own
        if is_own and not name.startswith("_") and (callable(item) or _is_model(item)):
            yield name, item


def _is_model(item: Any) -> bool:
    return isinstance(item, nn.Module) or (isinstance(item, type) and issubclass(item, nn.Module))
