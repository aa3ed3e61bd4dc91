"""Models by a short name, which any installed package may add to the group ``unet_trace.presets``.

The value of an entry point of that group is a mapping from names to presets. Nothing here knows a
package of models, and nothing here imports torch: listing the presets takes no time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any, Protocol

from tracer.errors import TraceError, suggestion

PRESET_GROUP = "unet_trace.presets"


class Preset(Protocol):
    """What a package says of one of its models.

    `target` names, as ``package.module:name``, what is called with `keywords()`: a class, or a
    callable that returns a model or ``(model, inputs)``. `parameters` is how many the model has,
    `source` where its numbers come from and `url` where to read them there.
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
        """The arguments by name, as values."""


@dataclass(frozen=True, slots=True)
class Presets:
    """The presets of all installed packages, by name; `broken` says which could not be read."""

    by_name: Mapping[str, Preset]
    broken: tuple[str, ...] = ()


def installed_presets() -> Presets:
    """Look the presets up. A package that fails to name its own does not hide the others'."""
    found: dict[str, Preset] = {}
    broken: list[str] = []
    for entry in entry_points(group=PRESET_GROUP):
        try:
            found |= entry.load()
        except Exception as error:  # a package that does not import may raise anything
            what = f"{type(error).__name__}: {error}"
            broken.append(f"the presets of {entry.name} ({entry.value}) cannot be read: {what}")
    return Presets(found, tuple(broken))


def find_preset(name: str) -> Preset:
    """The preset of that name. Raises TraceError, with what there is, when there is none."""
    presets = installed_presets()
    if name in presets.by_name:
        return presets.by_name[name]
    if not presets.by_name:
        raise TraceError(f'There is no preset "{name}": {nothing_installed(presets)}')
    trouble = "".join(f"\nAlso, {sentence}." for sentence in presets.broken)
    raise TraceError(
        f'There is no preset "{name}". {suggestion(name, presets.by_name)} Other models are named '
        f"as package.module:name or path/file.py:name.{trouble}"
    )


def nothing_installed(presets: Presets) -> str:
    """Why there are no presets at all, and what to do."""
    if presets.broken:
        return "; ".join(presets.broken) + "."
    return (
        "no installed package offers any. Presets are found through installed packages: in a "
        "checkout of this project, run `pip install -e .` first."
    )
