"""Models by a short name: any installed package can add presets.

An entry point of the group ``unet_trace.presets`` names a mapping from names to presets. This
module knows no package of models and does not import torch, so listing the presets is fast.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any, Protocol

from tracer.errors import TraceError, error_text, suggestion

PRESET_GROUP = "unet_trace.presets"


class Preset(Protocol):
    """A model that a package offers.

    `target` is the class, or the callable that returns a model or ``(model, inputs)``, as
    ``package.module:name``; it is called with `keywords()`. `parameters` is the number of the
    model's parameters, `source` the publication or code that its configuration comes from, and
    `url` the address of that source.
    """

    @property
    def summary(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def parameters(self) -> int: ...
    @property
    def source(self) -> str: ...
    @property
    def url(self) -> str: ...
    def keywords(self) -> Mapping[str, Any]:
        """Return the keyword arguments of the target."""


@dataclass(frozen=True, slots=True)
class Presets:
    """The presets of all installed packages by name, and a sentence for each unreadable group."""

    by_name: Mapping[str, Preset]
    broken: tuple[str, ...] = ()


def installed_presets() -> Presets:
    """Return the presets of all installed packages; one that fails to import is in `broken`."""
    found: dict[str, Preset] = {}
    broken: list[str] = []
    for entry in entry_points(group=PRESET_GROUP):
        try:
            found |= entry.load()
        except Exception as error:  # a package that does not import may raise anything
            reason = f"{type(error).__name__}: {error_text(error)}"
            broken.append(f"the presets of {entry.name} ({entry.value}) cannot be read: {reason}")
    return Presets(found, tuple(broken))


def find_preset(name: str) -> Preset:
    """Return the preset of that name.

    Raises:
        TraceError: There is no such preset; the message lists those that there are.
    """
    presets = installed_presets()
    if name in presets.by_name:
        return presets.by_name[name]
    if not presets.by_name:
        raise TraceError(f'There is no preset "{name}": {nothing_installed(presets)}')
    also = "".join(f"\nAlso, {sentence}." for sentence in presets.broken)
    raise TraceError(
        f'There is no preset "{name}". {suggestion(name, presets.by_name)} Other models are named '
        f"as package.module:name or path/file.py:name.{also}"
    )


def nothing_installed(presets: Presets) -> str:
    """Return a sentence on why there are no presets at all, and what to do."""
    if presets.broken:
        return "; ".join(presets.broken) + "."
    return (
        "no installed package offers any. Presets are found through installed packages: in a "
        "checkout of this project, run `pip install -e .` first."
    )
