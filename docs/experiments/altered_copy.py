"""A copy of the reference model with some of its text changed, imported under a name of its own."""

from __future__ import annotations

import importlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from types import ModuleType

import reference_model

PACKAGE = "reference_model"
SOURCE = Path(reference_model.__file__).parent


@dataclass(frozen=True)
class Edit:
    """A text of one file that is replaced by another. It is in the file exactly once."""

    file: str
    old: str
    new: str

    def apply(self, text: str) -> str:
        """Return the changed text of the file."""
        if text.count(self.old) != 1:
            raise ValueError(f"{self.file} has {self.old!r} {text.count(self.old)} times, not once")
        return text.replace(self.old, self.new)


def changed(file: str, text: str, edits: Sequence[Edit]) -> str:
    """Return the text of a file after the edits that are for it."""
    for edit in edits:
        text = edit.apply(text) if edit.file == file else text
    return text


def difference(edits: Sequence[Edit]) -> str:
    """Return the edits as a diff with one line of context."""
    lines: list[str] = []
    for file in dict.fromkeys(edit.file for edit in edits):
        old = (SOURCE / file).read_text(encoding="utf-8")
        names = f"{PACKAGE}/{file}", f"{PACKAGE}/{file}"
        new = changed(file, old, edits)
        lines += unified_diff(old.splitlines(), new.splitlines(), *names, n=1, lineterm="")
    return "\n".join(lines)


@contextmanager
def altered_copy(name: str, edits: Sequence[Edit]) -> Iterator[ModuleType]:
    """Give the package as it is after the edits, from a folder that is deleted afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / name).mkdir()
        for path in SOURCE.glob("*.py"):
            text = changed(path.name, path.read_text(encoding="utf-8"), edits)
            copy = Path(folder) / name / path.name
            copy.write_text(text.replace(PACKAGE, name), encoding="utf-8")
        sys.path.insert(0, folder)
        try:
            yield importlib.import_module(name)
        finally:
            sys.path.remove(folder)
            for module in [one for one in sys.modules if one.split(".")[0] == name]:
                del sys.modules[module]
