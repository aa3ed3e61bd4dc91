"""Takes the place of a module that torch would import, until more is asked of it than it knows.

Some functions of torch import a big module to ask one small thing of it. A stub answers that thing.
It is used only if the module has not been imported yet. If anything else is asked of it, it removes
itself and imports the module.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from types import ModuleType
from typing import Any


class StubModule(ModuleType):
    """A module called `name` that imports the real one as soon as it is asked for what it lacks."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        package, _, self._last_name = name.rpartition(".")
        self._package: ModuleType = importlib.import_module(package)
        spec = find_spec(name)
        # With the path of a real package, parts of it can be imported without the rest.
        if spec is not None and spec.submodule_search_locations is not None:
            self.__path__ = list(spec.submodule_search_locations)
        self._submodules: dict[str, ModuleType] = {}
        """What was imported from the package, which takes a while: cached for next time."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.real(), name)

    def real(self) -> ModuleType:
        """Return the real module, after importing it and removing this one."""
        self.remove()
        return importlib.import_module(self.__name__)

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Let imports find the stub inside the `with` block, unless the module was imported."""
        if self.__name__ in sys.modules:
            yield
            return
        sys.modules.update(self._submodules)
        sys.modules[self.__name__] = self
        vars(self._package)[self._last_name] = self
        try:
            yield
        finally:
            self.remove()

    def remove(self) -> None:
        """Let imports find the real module."""
        if sys.modules.get(self.__name__) is not self:
            return
        del sys.modules[self.__name__]
        for name in [name for name in sys.modules if name.startswith(f"{self.__name__}.")]:
            self._submodules[name] = sys.modules.pop(name)
        vars(self._package).pop(self._last_name, None)
