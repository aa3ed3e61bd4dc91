"""Imports the packages of unet-trace whose names other projects use, too.

A file `tracer.py` that comes first on the search path is stepped past. A module of that name that
was imported before is never replaced.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import InspectLoader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

DISTRIBUTION = "unet-trace"
INSTALL_FOLDER = Path(__file__).resolve().parents[1]
"""Where the packages of this distribution are, side by side."""

MARK = f'__distribution__ = "{DISTRIBUTION}"'
"""The line by which a package of this distribution is known."""


class OwnPackageError(ImportError):
    """A package of unet-trace cannot be imported, because another has its name."""


class OwnFinder(MetaPathFinder):
    """Finds one package of this distribution, before any other finder is asked."""

    def __init__(self, name: str) -> None:
        self.name = name

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return own_spec(fullname) if fullname == self.name else None


def import_own(name: str) -> ModuleType:
    """Return a module of a package of unet-trace; other packages of that name are stepped past.

    Args:
        name: The name of a package or of a module in it, such as ``tracer.cli``.

    Raises:
        OwnPackageError: Another package of that name was imported before, or was installed over
            that of unet-trace.
    """
    package = name.partition(".")[0]
    if sentence := obstacle(package):
        raise OwnPackageError(sentence)
    if package not in sys.modules:
        finder = OwnFinder(package)
        sys.meta_path.insert(0, finder)
        try:
            import_module(package)
        finally:
            sys.meta_path.remove(finder)
    return import_module(name)


def obstacle(package: str) -> str:
    """Return what keeps a package of unet-trace from being imported, as a sentence, or ""."""
    imported = sys.modules.get(package)
    if imported is None:
        return "" if own_spec(package) else _overwritten(package)
    if is_own(imported):
        return ""
    return (
        f'another module named "{package}" was imported first ({_place(imported)}), and unet-trace '
        "needs that name: rename that file, or use unet-trace in a process that does not import it"
    )


def is_imported(package: str) -> bool:
    """Return whether a package of unet-trace was imported already."""
    return is_own(sys.modules.get(package))


def is_own(module: ModuleType | None) -> bool:
    """Return whether a module is a package of this distribution."""
    return getattr(module, "__distribution__", None) == DISTRIBUTION


def own_spec(package: str) -> ModuleSpec | None:
    """Return where a package of this distribution is; None if another was installed over it."""
    spec = PathFinder.find_spec(package, [str(INSTALL_FOLDER)])
    loader = spec.loader if spec else None
    source = loader.get_source(package) if isinstance(loader, InspectLoader) else None
    return spec if source and MARK in source else None


def _overwritten(package: str) -> str:
    return (
        f'the package "{package}" of unet-trace in {INSTALL_FOLDER} was overwritten or removed by '
        f"another distribution with a package of that name: uninstall that one, then run "
        f"`pip install --force-reinstall --no-deps {DISTRIBUTION}`"
    )


def _place(module: ModuleType) -> str:
    return str(getattr(module, "__file__", None) or "without a file")
