"""tracer/site/pages/views/breaks_page.py: what one change broke, ready for its template."""

from __future__ import annotations

from dataclasses import replace

from tests.example import example
from tracer.site.content.breakages import (
    Breakage,
    ChangeText,
    OutputComparison,
    RecordedChange,
)
from tracer.site.content.site_config import Text
from tracer.site.pages.views.breaks_page import break_view
from tracer.site.pages.words import WORDS

TEXT = ChangeText("pad", Text("Pad", "패딩"), Text("A change", "변경"), Text("Why", "이유"))
FAILED = RecordedChange(
    "pad", "- old", frames="  File x\n    h = f(h)", error="ValueError: no", trace=example()
)


def test_a_failure_has_its_traceback_and_the_stack_at_that_moment() -> None:
    view = break_view(Breakage(FAILED, TEXT), "ko", WORDS["ko"])
    assert view.traceback == "  File x\n    h = f(h)\nValueError: no"
    assert (view.title, view.why, view.outputs) == ("패딩", "이유", "")
    assert "conv_in" in view.stack
    assert WORDS["ko"].pushed_at in view.stack
    assert f'aria-label="패딩: {WORDS["ko"].stack_at_failure}"' in view.stack


def test_a_change_that_nothing_notices_says_how_the_outputs_differ() -> None:
    outputs = OutputComparison((1, 3, 32, 32), 3072, 3072, 1.25, 0.346)
    recorded = replace(FAILED, frames="", error="", outputs=outputs)
    view = break_view(Breakage(recorded, TEXT), "en", WORDS["en"])
    assert (view.traceback, view.stack) == ("", "")
    assert "3,072 of the 3,072 numbers of the output (1×3×32×32)" in view.outputs
    assert "up to 1.2." in view.outputs


def test_a_model_that_cannot_be_built_has_no_stack() -> None:
    view = break_view(Breakage(replace(FAILED, trace=None), TEXT), "en", WORDS["en"])
    assert view.stack == ""
