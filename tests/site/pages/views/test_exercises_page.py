"""tracer/site/pages/views/exercises_page.py: questions with answers from a trace."""

from __future__ import annotations

from tests.site.toy_site import toy_results
from tracer.site.content.exercises import Exercise, ExerciseFile
from tracer.site.content.site_config import Text
from tracer.site.pages.views.exercises_page import exercise_views

FILE = ExerciseFile(
    "toy",
    (Exercise("a", Text("What leaves?", "무엇이?"), Text("{output conv_in}.", "{peak}입니다.")),),
)


def test_an_answer_has_the_numbers_of_the_trace() -> None:
    (english,) = exercise_views(FILE, toy_results(), "en")
    (korean,) = exercise_views(FILE, toy_results(), "ko")
    assert (english.question, english.answer) == ("What leaves?", "1×8×16×16.")
    assert korean.answer.endswith("KiB입니다.")
