"""Questions about a traced model, whose answers are filled in from its trace."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from tracer.site.content.site_config import Text
from tracer.site.content.yaml_file import read_yaml


class Exercise(Struct, frozen=True, forbid_unknown_fields=True):
    """One question. Both texts are Markdown and may name facts; see `trace_facts`."""

    id: str
    question: Text
    answer: Text


class ExerciseFile(Struct, frozen=True, forbid_unknown_fields=True):
    """All questions, about the model of that name on the site."""

    trace: str
    exercises: tuple[Exercise, ...]


def read_exercises(path: Path) -> ExerciseFile:
    """Return the questions in a file. Raises SiteError if a field is missing or wrong."""
    return read_yaml(path, ExerciseFile)
