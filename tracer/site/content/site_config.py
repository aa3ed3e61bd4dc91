"""The configuration of the site: the file ``docs/site.yaml``.

It lists the models that are traced, the functions that are explained line by line, and which
upstream code each part of the model follows. Nothing else in this package names a model.
"""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct, field

from tracer.errors import SiteError
from tracer.site.content.yaml_file import read_yaml

PROJECT_FILE = "docs/site.yaml"
"""What a project has whose site is like this one's; other models have none."""
LANGUAGES = ("en", "ko")
Span = tuple[int, int]
"""The first and last line in the upstream file."""


class Text(Struct, frozen=True, forbid_unknown_fields=True):
    """One text in each language of the site."""

    en: str
    ko: str

    def of(self, language: str) -> str:
        """The text in one language."""
        text: str = getattr(self, language)
        return text


class SiteModel(Struct, frozen=True, forbid_unknown_fields=True):
    """A model that is traced for the site.

    Attributes:
        name: Its name on the site.
        target: What to trace, as on the command line.
        title: Its title on pages; required if it is shown.
        shown: Whether the site has pages on it. One that is not shown checks the shapes in notes,
            also on lines that the other models do not run.
        sizes: Whether its size rules are found, which takes most of the time of its run. One that
            is not shown may do without.
        set: Constructor arguments, as on the command line.
        inputs: Input shapes, as on the command line.
    """

    name: str
    target: str
    title: Text | None = None
    shown: bool = True
    sizes: bool = True
    set: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, str] = field(default_factory=dict)

    @property
    def request(self) -> tuple[object, ...]:
        """What a run of it depends on, besides the files that it reads."""
        return self.target, self.sizes, sorted(self.set.items()), sorted(self.inputs.items())


class Experiment(Struct, frozen=True, forbid_unknown_fields=True):
    """A program that runs when the site is built, and whose record a page shows.

    Attributes:
        name: The name of its page.
        run: The file of the program in ``docs``, and its function, as ``path/file.py:name``. It
            returns plain data.
    """

    name: str
    run: str

    @property
    def request(self) -> tuple[object, ...]:
        """What a run of it depends on, besides the files that it reads."""
        return (self.run,)


class Walk(Struct, frozen=True, forbid_unknown_fields=True):
    """A function that is explained line by line.

    Attributes:
        notes: The name of its file in ``docs/notes``.
        page: The page that includes it.
        trace: The name of the model whose shapes it shows.
    """

    notes: str
    page: str
    trace: str


class Credit(Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the model, ``package.module:name``, and the upstream lines that it follows."""

    here: str
    upstream: Span


class ComparedModel(Struct, frozen=True, forbid_unknown_fields=True):
    """A saved trace of another model, whose names are shown beside those of a model of the site.

    Attributes:
        name: Its name on the site.
        file: The saved trace, below ``docs``.
        trace: The name of the model of the site.
        package: The package that it is from.
        version: The version of that package.
    """

    name: str
    file: str
    trace: str
    package: str
    version: str


class SiteConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file.

    `upstream` is a URL with ``{first}`` and ``{last}`` for line numbers. `configurations` are the
    traces of presets, as they are published, that one table compares.
    """

    upstream: str
    traces: tuple[SiteModel, ...]
    experiments: tuple[Experiment, ...] = ()
    walks: tuple[Walk, ...] = ()
    credits: tuple[Credit, ...] = ()
    compared: tuple[ComparedModel, ...] = ()
    configurations: tuple[str, ...] = ()

    def upstream_url(self, span: Span) -> str:
        """The URL of some lines of the upstream file."""
        first, last = span
        return self.upstream.format(first=first, last=last)

    @property
    def shown(self) -> tuple[SiteModel, ...]:
        """The models that the site shows."""
        return tuple(model for model in self.traces if model.shown)


def read_config(path: Path) -> SiteConfig:
    """Return the configuration in a file. Raises SiteError if a name or title is missing."""
    config = read_yaml(path, SiteConfig)
    names = [model.name for model in config.traces]
    for walk in config.walks:
        if walk.trace not in names:
            raise SiteError(
                f"{path}: the walk {walk.notes} shows the trace {walk.trace!r}, which is not one "
                f"of the traces: {', '.join(names)}."
            )
    plain = [model.name for model in config.traces if not model.set]
    if unknown := [name for name in config.configurations if name not in plain]:
        raise SiteError(
            f"{path}: to compare the configurations {', '.join(unknown)}, name traces without "
            f"`set`: {', '.join(plain)}."
        )
    for model in config.shown:
        if model.title is None:
            raise SiteError(f"{path}: the trace {model.name} is shown, so give it a title.")
        if not model.sizes:
            raise SiteError(
                f"{path}: the trace {model.name} is shown with its size rules, so remove "
                "`sizes: false` from it."
            )
    return config
