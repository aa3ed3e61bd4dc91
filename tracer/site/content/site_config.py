"""What the site is about: the file ``docs/site.yaml``.

It names the models that are traced, the functions that are walked through, and the place of the
code that the model follows. Nothing else in this package names a model.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct, field

from tracer.site.content.yaml_file import read_yaml
from tracer.site.errors import SiteError

LANGUAGES = ("en", "ko")
Span = tuple[int, int]
"""First and last line in the upstream file."""


class Text(Struct, frozen=True, forbid_unknown_fields=True):
    """The same words in each language of the site."""

    en: str
    ko: str

    def of(self, language: str) -> str:
        """The words in one language."""
        words: str = getattr(self, language)
        return words


class SiteModel(Struct, frozen=True, forbid_unknown_fields=True):
    """A model that is traced: its name on the site, and what `unet-trace` is told to trace.

    One that is not `shown` only serves to check the shapes in notes, on lines that the others do
    not run. `set` are constructor arguments, `inputs` shapes, both as on the command line.
    """

    name: str
    target: str
    title: Text | None = None
    shown: bool = True
    set: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)


class Walk(Struct, frozen=True, forbid_unknown_fields=True):
    """A function that is walked through: its notes, its page, the trace whose shapes it shows."""

    notes: str
    page: str
    trace: str


class Credit(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the model, ``package.module:name``, and the upstream lines that it follows."""

    here: str
    upstream: Span


class SiteConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file. `upstream` is an address with the places {first} and {last} for lines."""

    upstream: str
    traces: tuple[SiteModel, ...]
    walks: tuple[Walk, ...] = ()
    credits: tuple[Credit, ...] = ()

    def upstream_at(self, span: Span) -> str:
        """The address of some lines of the upstream file."""
        first, last = span
        return self.upstream.format(first=first, last=last)

    @property
    def shown(self) -> tuple[SiteModel, ...]:
        """The traces that have a place on the site."""
        return tuple(traced for traced in self.traces if traced.shown)


def read_plan(path: Path) -> SiteConfig:
    """The plan in a file. Raises SiteError when it is not as it should be."""
    plan = read_yaml(path, SiteConfig)
    names = [traced.name for traced in plan.traces]
    for walk in plan.walks:
        if walk.trace not in names:
            raise SiteError(
                f"{path}: the walk {walk.notes} shows the trace {walk.trace!r}, which is not among "
                f"the traces: {', '.join(names)}."
            )
    for traced in plan.shown:
        if traced.title is None:
            raise SiteError(f"{path}: the trace {traced.name} is shown, so give it a title.")
    return plan
