"""Imports a file by its path, as its project imports it: the root of its package is found.

A folder with `__init__.py` is a package. Other folders may be packages, too (PEP 420), which shows
in what the files import: `from ldm.util import ...` needs the folder that `ldm` is in.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import sys
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.metadata import packages_distributions
from pathlib import Path
from types import ModuleType

from tracer.errors import TraceError
from tracer.from_torch.targets.user_errors import describe_error

NEARLY_THE_SAME = 0.85
"""How alike two names are of which one is probably a mistake, by `difflib`."""
MOST_ROOTS = 8
"""So many times another root is tried before the error is reported."""

DISTRIBUTIONS = {
    "PIL": "pillow",
    "cv2": "opencv-python",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "yaml": "pyyaml",
    "pytorch_lightning": "pytorch-lightning",
}
"""What to install for a module that has another name than its distribution."""


@dataclass(frozen=True, slots=True)
class ImportPlace:
    """The folder that a module is imported from, and its name, with dots inside a package."""

    root: Path
    name: str


def import_file(path: Path) -> ModuleType:
    """Return the module of a file.

    Raises:
        TraceError: It cannot be imported. The message says what of it is missing, and what to do.
    """
    file = path.resolve()
    place, tried = find_place(file), set[Path]()
    while True:
        tried.add(place.root)
        added = prepend_to_path(place.root)
        before = set(sys.modules)
        try:
            return _imported(file, place)
        except ModuleNotFoundError as error:
            further = _place_with(file, place, error.name or "", tried)
            if further is None or len(tried) > MOST_ROOTS:
                raise TraceError(_failure(path, error)) from error
            _forget(place, before, added=added and further.name != place.name)
            place = further
        except (Exception, SystemExit) as error:
            raise TraceError(_failure(path, error)) from error


def find_place(file: Path) -> ImportPlace:
    """Return where a file is imported from, by the folders that are packages.

    These are those with an `__init__.py`, and those that its relative imports reach.
    """
    names = [] if file.stem == "__init__" else [file.stem]
    folder, depth = file.parent, _relative_depth(file)
    while (folder / "__init__.py").is_file() or (depth > 0 and folder.name.isidentifier()):
        names.insert(0, folder.name)
        folder, depth = folder.parent, depth - 1
    return ImportPlace(folder, ".".join(names))


def _relative_depth(file: Path) -> int:
    """How many folders above a file its relative imports reach: one for `from .parts import x`."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return 0  # importing it says what is wrong
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    return max((node.level for node in imports), default=0)


def prepend_to_path(folder: Path) -> bool:
    """Make imports search a folder first, as `python file.py` does; False if they do already."""
    if str(folder) in sys.path:
        return False
    sys.path.insert(0, str(folder))
    return True


def missing_module_hint(error: BaseException) -> str:
    """Return what to do about an import that was not found; empty for any other error."""
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return ""
    package, _, inner = error.name.partition(".")
    if inner:
        found = getattr(sys.modules.get(package), "__path__", None)
        where = f", which is in {next(iter(found))}" if found else ""
        return f"There is no {error.name}: {package}{where}, may be another version or project."
    meant = _installed_like(package)
    if meant:  # to install what was mistyped may bring in what someone put there for that
        return f"There is no module {package} here. Did you mean {meant}?"
    return f"{package} is not installed here: pip install {DISTRIBUTIONS.get(package, package)}"


def _installed_like(package: str) -> str | None:
    """The module that is installed under nearly the same name, if there is one."""
    installed = {*sys.stdlib_module_names, *packages_distributions()}
    return next(iter(get_close_matches(package, installed, 1, NEARLY_THE_SAME)), None)


def _failure(path: Path, error: BaseException) -> str:
    hint = missing_module_hint(error)
    text = f"{path} cannot be imported: {describe_error(error, path)}"
    return f"{text}\n{hint}" if hint else text


def _place_with(
    file: Path, place: ImportPlace, missing: str, tried: set[Path]
) -> ImportPlace | None:
    """The nearest folder above a file from which a missing module can be imported, if any."""
    package = missing.partition(".")[0]
    if not package:
        return None
    for root in file.parents:
        if root not in tried and _holds(root, package):
            names = file.relative_to(root).with_suffix("").parts
            inside = names[0] == package and all(name.isidentifier() for name in names)
            return ImportPlace(root, ".".join(names) if inside else place.name)
    return None


def _holds(folder: Path, name: str) -> bool:
    """Whether a module or a package of this name is in a folder."""
    return (
        (folder / f"{name}.py").is_file()
        or any((folder / name).glob("*.py"))
        or any((folder / name).glob("*/*.py"))
    )


def _forget(place: ImportPlace, before: set[str], *, added: bool) -> None:
    """Undo an import that was made from the wrong root."""
    if added:
        sys.path.remove(str(place.root))
        top = place.name.partition(".")[0]
        for name in [*sys.modules]:
            if name not in before and (name == top or name.startswith(f"{top}.")):
                del sys.modules[name]


def _imported(file: Path, place: ImportPlace) -> ModuleType:
    return importlib.import_module(place.name) if "." in place.name else _run(file, place.name)


def _run(path: Path, name: str) -> ModuleType:
    """Runs a file outside a package as a module, under another name if its own is taken."""
    taken = sys.modules.get(name)
    if taken is not None and getattr(taken, "__file__", None) == str(path):
        return taken
    if taken is not None or name in sys.stdlib_module_names:
        name = f"{name}_file"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError("Python imports files that end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # the dataclass decorator looks its module up here
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
