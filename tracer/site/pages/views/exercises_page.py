"""The exercises in one language, their answers filled in from the trace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tracer.site.content.exercises import ExerciseFile
from tracer.site.content.model_results import ModelResults
from tracer.site.content.trace_facts import with_facts


@dataclass(frozen=True, slots=True)
class ExerciseView:
    """One question and its answer."""

    id: str
    question: str
    answer: str


def exercise_views(
    file: ExerciseFile, results: ModelResults, language: str
) -> Iterator[ExerciseView]:
    """Yield the questions. Raises SiteError for a fact that the trace does not have."""
    for exercise in file.exercises:
        question, answer = exercise.question.of(language), exercise.answer.of(language)
        yield ExerciseView(exercise.id, with_facts(question, results), with_facts(answer, results))
