"""One dictionary for the hooks of all modules that have none, until a run needs more.

A module has eleven dictionaries of hooks, nearly always empty. One for each copy of each module of
a big model would be more memory than its trace. A run that adds a hook, or copies a dictionary of
hooks, ends there, and is repeated with dictionaries of each module's own.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from typing import Any, NoReturn

Hooks = OrderedDict[Any, Any]


class OwnHooksNeeded(BaseException):
    """A run needs what a dictionary of hooks cannot be that is shared by many modules."""


class SharedHooks(Hooks):
    """An empty dictionary that stays empty.

    Where code asks for its class, as in ``type(hooks)()``, that makes an ordinary dictionary.
    """

    is_asked = False
    """Whether a run needed more, even if the model caught the exception."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Hooks:  # type: ignore[misc]
        """Return an ordinary dictionary."""
        return OrderedDict(*args, **kwargs)

    @classmethod
    def create(cls) -> SharedHooks:
        """Return a new dictionary to be shared."""
        return OrderedDict.__new__(cls)

    @property
    def references(self) -> int:
        """How many references there are to this dictionary: more after a run if it kept some."""
        return sys.getrefcount(self)

    def _ask(self, *_: Any) -> NoReturn:
        self.is_asked = True
        raise OwnHooksNeeded

    __setitem__ = __deepcopy__ = __reduce_ex__ = _ask

    def __copy__(self) -> Hooks:
        return OrderedDict()
