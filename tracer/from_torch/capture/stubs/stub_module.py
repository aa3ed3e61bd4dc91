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
from types import FrameType, ModuleType
from typing import Any


class StubModule(ModuleType):
    """A module called `name` that imports the real one as soon as it is asked for what it lacks.

    Args:
        name: The full name of the module.
        classes: Classes that have no instance as long as the module is not imported. A function of
            torch that compares with one for a moment gets a class of that name without instances.
    """

    def __init__(self, name: str, *classes: str) -> None:
        super().__init__(name)
        self._classes = {one: type(one, (Exception,), {}) for one in classes}
        package, _, self._last_name = name.rpartition(".")
        self._package = importlib.import_module(package) if package else None
        spec = find_spec(name)
        # With the path of a real package, parts of it can be imported without the rest.
        if spec is not None and spec.submodule_search_locations is not None:
            self.__path__ = list(spec.submodule_search_locations)
        self._submodules: dict[str, ModuleType] = {}
        """What was imported from the package, which takes a while: cached for next time."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        if name in self._classes and self.is_installed and _is_torch_function(sys._getframe(1)):
            return self._classes[name]
        return getattr(self.real(), name)

    @property
    def is_installed(self) -> bool:
        """Whether imports find this module."""
        return sys.modules.get(self.__name__) is self

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
        if self._package is not None:
            vars(self._package)[self._last_name] = self
        try:
            yield
        finally:
            self.remove()

    def remove(self) -> None:
        """Let imports find the real module."""
        if not self.is_installed:
            return
        del sys.modules[self.__name__]
        for name in [name for name in sys.modules if name.startswith(f"{self.__name__}.")]:
            self._submodules[name] = sys.modules.pop(name)
        if self._package is not None:
            vars(self._package).pop(self._last_name, None)


def _is_torch_function(frame: FrameType) -> bool:
    """Whether a function of torch is running, which keeps nothing; not the body of a module."""
    module = frame.f_globals.get("__name__", "")
    return module.startswith("torch.") and frame.f_code.co_name != "<module>"
