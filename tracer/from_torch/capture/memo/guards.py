"""What must still hold for a call to do again what an equal one did."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from types import CodeType, FunctionType
from typing import Any, Final, NamedTuple

from tracer.from_torch.capture.memo.watched import appearance

NO_ITEM: Final = object()


class NameGuard(NamedTuple):
    """What a name had to mean, in a module or a class."""

    names: Mapping[str, Any]
    name: str
    item: Any

    def holds(self) -> bool:
        """Whether it means the same now."""
        return self.names.get(self.name, NO_ITEM) is self.item


class ClassGuard(NamedTuple):
    """How many names a class had: a new one may hide that of a base class."""

    names: Mapping[str, Any]
    size: int

    def holds(self) -> bool:
        """Whether it has as many now."""
        return len(self.names) == self.size


class FunctionGuard(NamedTuple):
    """What a function consisted of."""

    function: Any
    code: CodeType
    defaults: tuple[Any, ...] | None
    keyword_defaults: dict[str, Any] | None

    @staticmethod
    def of(function: FunctionType) -> FunctionGuard:
        """Return the guard of a function as it is now."""
        keywords = function.__kwdefaults__
        return FunctionGuard(
            function, function.__code__, function.__defaults__, keywords and keywords.copy()
        )

    def holds(self) -> bool:
        """Whether it is the same now."""
        function = self.function
        is_same = function.__code__ is self.code and function.__defaults__ is self.defaults
        return is_same and function.__kwdefaults__ == self.keyword_defaults


class ContentsGuard(NamedTuple):
    """What a container held."""

    container: Any
    contents: Hashable

    def holds(self) -> bool:
        """Whether it holds the same now."""
        return appearance(self.container) == self.contents


Guard = ContentsGuard | NameGuard | ClassGuard | FunctionGuard
