"""tracer/site/pages/glossary_links.py: the terms of the glossary in the text of a page."""

from __future__ import annotations

import pytest

from tracer.site.content.site_config import Text
from tracer.site.content.site_content import GlossaryTerm
from tracer.site.pages.glossary_links import link_terms

TERMS = [
    GlossaryTerm("stack", "stack", "스택", Text("A list, `hs`.", "목록입니다.")),
    GlossaryTerm("skip", "skip connection", "스킵 연결", Text("Across the <U>.", "U를 건넙니다.")),
    GlossaryTerm("pop", "pop", "꺼내기(pop)", Text("To remove.", "빼냅니다.")),
]


def linked(html: str, language: str = "en") -> str:
    return link_terms(html, TERMS, language, "../glossary.html")


def test_the_first_occurrence_in_a_section_has_the_definition() -> None:
    link = '<a class="ut-term" href="../glossary.html#stack" title="A list, hs.">{}</a>'
    html = "<h2>A stack</h2><p>Two {} and a stack.</p><h2>B</h2><p>A {}.</p>"
    assert linked(html.format("Stacks", "stack")) == html.format(
        link.format("Stacks"), link.format("stack")
    )


def test_the_notes_on_a_function_are_one_section() -> None:
    html = '<h2>Stack</h2><p>A stack.</p><h3 data-first="7">x</h3><p>The stack.</p>'
    assert linked(html).count("ut-term") == 1


def test_a_definition_is_escaped() -> None:
    assert 'title="Across the &lt;U&gt;."' in linked("<p>a skip connection</p>")


@pytest.mark.parametrize(
    "html",
    [
        "<h2>A stack</h2>",
        "<p><code>stack</code></p>",
        "<pre><code>stack</code></pre>",
        '<p><a href="stack.html">the stack</a></p>',
        "<table><tr><td><p>stack</p></td></tr></table>",
        "<p>the skip connection stack</p>",
        "<p>stacked, hay-stack, populate</p>",
        "<p>a &lt; b &#215; c<br/><!-- stack --></p>",
        "<p><script>stack < stack</script></p>",
    ],
)
def test_what_is_no_text_is_left_as_it_is(html: str) -> None:
    assert linked(html) == html


@pytest.mark.parametrize("word", ["스택", "스택을", "스택에서", "스택입니다"])
def test_a_korean_term_may_have_a_particle(word: str) -> None:
    assert linked(f"<p>이 {word}.</p>", "ko").count(">스택</a>") == 1


@pytest.mark.parametrize("text", ["헤이스택을", "스택오버플로", "스킵연결"])
def test_a_longer_korean_word_is_another_word(text: str) -> None:
    assert linked(f"<p>{text}</p>", "ko") == f"<p>{text}</p>"


def test_what_a_term_has_in_parentheses_is_not_looked_for() -> None:
    assert 'href="../glossary.html#pop"' in linked("<p>넣기와 꺼내기는</p>", "ko")


def test_the_names_of_files_are_no_terms() -> None:
    html = "<p>At models/stack.py:7 and nets/stack, then stack.</p>"
    assert linked(html).count("ut-term") == 1
    assert "then <a" in linked(html)
