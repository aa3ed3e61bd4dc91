"""The hooks of modules, put back as they were: a model may register one, or remove one, as it runs.

A handle knows the dictionary that its hook is in, so the dictionaries stay, and get their contents
back.
"""

from __future__ import annotations

from typing import Any

from torch import nn

HOOKS = tuple(name for name in vars(nn.Module()) if name.endswith("hooks"))
"""The attributes of every module that hold its hooks."""


class HookSnapshot:
    """What the dictionaries of hooks held, of every module that was noted."""

    def __init__(self) -> None:
        self._empty: list[dict[Any, Any]] = []
        self._held: list[tuple[dict[Any, Any], list[Any]]] = []

    def note(self, module: nn.Module) -> None:
        """Remember the hooks of a module."""
        attributes = module.__dict__
        for name in HOOKS:
            holder = attributes.get(name)
            if holder:
                self._held.append((holder, list(holder.items())))
            elif holder is not None:
                self._empty.append(holder)

    def give_back(self) -> None:
        """Every dictionary holds again what it held."""
        for holder in filter(None, self._empty):
            holder.clear()
        for holder, held in self._held:
            if list(holder.items()) != held:
                holder.clear()
                holder.update(held)
