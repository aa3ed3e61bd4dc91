"""tracer/site/pages/math_text.py: LaTeX in notes becomes MathML."""

from __future__ import annotations

import pytest
from markdown import markdown

from tracer.errors import SiteError
from tracer.site.pages.math_text import with_math


def test_a_formula_in_a_sentence_stays_in_it() -> None:
    html = markdown(with_math("For $n$ and $m_i$ both."))
    assert html.startswith("<p>For <span><math><mrow><mi>n</mi></mrow></math></span> and <span>")
    assert html.endswith("</math></span> both.</p>")


def test_a_formula_in_a_paragraph_of_its_own_is_set_large() -> None:
    html = markdown(with_math("Before.\n\n$$\\frac{a}{b}$$\n\nAfter."))
    assert '<div class="ut-math"><math display="block">' in html
    assert "<mfrac>" in html


def test_marks_of_markdown_in_a_formula_are_not_formatting() -> None:
    html = markdown(with_math("$a * b_1 * c_1$ and $d * e$"))
    assert "<em>" not in html
    assert html.startswith("<p><span><math>")
    assert html.count("</p>") == 1


def test_dollars_in_code_and_single_dollars_are_left_alone() -> None:
    for text in ("`$HOME` and `$x$`", "5 $ and 6", "$ x $"):
        assert with_math(text) == text


def test_a_formula_that_is_not_latex_is_an_error() -> None:
    with pytest.raises(SiteError, match="is not LaTeX"):
        with_math("$a_b_c$")
    with pytest.raises(SiteError, match="has a command that is not known"):
        with_math("$\\nosuch$")
