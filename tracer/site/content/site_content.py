"""Everything that the pages are made from, read and checked before the first page is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from msgspec import Struct

from tracer.errors import SiteError
from tracer.site.content.check_notes import shape_problems
from tracer.site.content.executions import Execution, executions_of
from tracer.site.content.function_source import Function, read_function
from tracer.site.content.match_notes import NoteRow, note_rows
from tracer.site.content.model_results import ModelResults, TracePair
from tracer.site.content.notes import NoteFile, read_notes
from tracer.site.content.site_config import (
    Experiment,
    SiteConfig,
    SiteModel,
    Text,
    Walk,
    read_config,
)
from tracer.site.content.yaml_file import read_yaml

RunModels = Callable[[Sequence[SiteModel]], Mapping[str, ModelResults]]
"""Returns the results of models, by their names on the site."""

RunningExperiments = AbstractContextManager[Callable[[], Mapping[str, bytes]]]
"""Experiments that run inside the `with` block; what it gives waits for their records by name."""

RunExperiments = Callable[[Sequence[Experiment]], RunningExperiments]


@dataclass(frozen=True)
class Walkthrough:
    """A function with its notes, and what the run of one model recorded of it."""

    walk: Walk
    notes: NoteFile
    function: Function
    rows: tuple[NoteRow, ...]
    results: TracePair
    executions: tuple[Execution, ...]

    def without_texts(self) -> Walkthrough:
        """This walkthrough without what its notes say."""
        rows = (replace(row, note=row.note and row.note.without_texts()) for row in self.rows)
        return replace(self, notes=self.notes.without_texts(), rows=tuple(rows))


@dataclass(frozen=True)
class SiteContent:
    """The configuration, the results of all models by name, the walkthroughs and the glossary.

    `records` are what the experiments recorded, as JSON, by their names; `docs` is the folder with
    the texts about them.
    """

    config: SiteConfig
    results: dict[str, ModelResults]
    walkthroughs: tuple[Walkthrough, ...]
    glossary: tuple[GlossaryTerm, ...] = ()
    records: Mapping[str, bytes] = field(default_factory=dict)
    docs: Path = Path()

    @property
    def explored(self) -> tuple[str, ...]:
        """The names of the models that a page explores."""
        walked = (one.walk.trace for one in self.walkthroughs if one.executions)
        return tuple(dict.fromkeys((*(model.name for model in self.config.shown), *walked)))

    def without_texts(self) -> SiteContent:
        """This content without what notes and the glossary say: what is shown of models."""
        walkthroughs = tuple(one.without_texts() for one in self.walkthroughs)
        return replace(self, walkthroughs=walkthroughs, glossary=())

    def running(self, walkthrough: Walkthrough) -> tuple[SiteModel, ...]:
        """The models that run the function of a walkthrough: its own, and those that are shown."""
        function, own = walkthrough.function, walkthrough.walk.trace
        return tuple(
            model
            for model in self.config.traces
            if model.name == own
            or (model.shown and executions_of(self.results[model.name].trace, function))
        )


def read_content(
    docs: Path, run_models: RunModels, run_experiments: RunExperiments | None = None
) -> SiteContent:
    """Read the configuration and the notes, runs the models, and compares the two.

    Args:
        docs: The folder with ``site.yaml``, ``glossary.yaml`` and ``notes``.
        run_models: Returns the results of the models in the configuration.
        run_experiments: Runs the experiments in the configuration, while the models run; None
            leaves them, and the pages about them, out.

    Raises:
        SiteError: Lists every note that does not match its code or the traces.
    """
    config = read_config(docs / "site.yaml")
    paths = {walk.notes: docs / "notes" / f"{walk.notes}.yaml" for walk in config.walks}
    files = {name: read_notes(path) for name, path in paths.items()}
    functions = {name: read_function(file.function) for name, file in files.items()}
    rows = {
        name: note_rows(file, functions[name], str(paths[name])) for name, file in files.items()
    }
    running = run_experiments(config.experiments) if run_experiments else nullcontext(dict)
    with running as records_of_experiments:
        results = dict(run_models(config.traces))
        problems = [
            f"{paths[name]}: {problem}"
            for name in files
            for problem in shape_problems(rows[name], functions[name], results)
        ]
        if problems:
            raise SiteError("\n".join(problems))
        records = records_of_experiments()
    return SiteContent(
        config=config,
        results=results,
        walkthroughs=tuple(_walkthroughs(config, files, functions, rows, results)),
        glossary=read_glossary(docs / "glossary.yaml"),
        records=records,
        docs=docs,
    )


def _walkthroughs(
    config: SiteConfig,
    files: dict[str, NoteFile],
    functions: dict[str, Function],
    rows: dict[str, tuple[NoteRow, ...]],
    results: dict[str, ModelResults],
) -> Iterator[Walkthrough]:
    for walk in config.walks:
        function, shown = functions[walk.notes], results[walk.trace]
        yield Walkthrough(
            walk=walk,
            notes=files[walk.notes],
            function=function,
            rows=rows[walk.notes],
            results=shown,
            executions=executions_of(shown.trace, function),
        )


class GlossaryTerm(Struct, frozen=True, forbid_unknown_fields=True):
    """One term. `choice` explains why this translation is used where several are common."""

    id: str
    en: str
    ko: str
    definition: Text
    choice: Text | None = None

    def of(self, language: str) -> str:
        """The term in one language."""
        word: str = getattr(self, language)
        return word


class Glossary(Struct, frozen=True, forbid_unknown_fields=True):
    """All terms, in the order of the page."""

    terms: tuple[GlossaryTerm, ...]


SearchWords = dict[str, dict[str, tuple[str, ...]]]
"""For each language, the words of the pages, and what readers type for them."""


def read_search_words(path: Path) -> tuple[tuple[str, str, str], ...]:
    """Return triples of a language, what readers type, and what is searched for; long ones first.

    Raises:
        SiteError: The same is typed for two things.
    """
    words = read_yaml(path, SearchWords)
    found = [
        (language, typed, word)
        for language, entries in words.items()
        for word, alternatives in entries.items()
        for typed in alternatives
    ]
    counts = Counter((language, typed) for language, typed, _ in found)
    if repeated := [typed for (_, typed), count in counts.items() if count > 1]:
        raise SiteError(f"{path}: {', '.join(repeated)} stands for more than one thing.")
    return tuple(sorted(found, key=lambda one: -len(one[1])))


def read_glossary(path: Path) -> tuple[GlossaryTerm, ...]:
    """Return the terms in a file. Raises SiteError if a field is wrong or an id is used twice."""
    terms = read_yaml(path, Glossary).terms
    counts = Counter(term.id for term in terms)
    if repeated := [name for name, count in counts.items() if count > 1]:
        raise SiteError(f"{path}: more than one term has the id {', '.join(repeated)}.")
    return terms
