"""tracer/site/pages/html_line.py: HTML as one line of Markdown."""

from __future__ import annotations

from markdown import Markdown

from tracer.site.pages.html_line import one_line

CODE = "<pre>a\n```\n\nb\n- c</pre>"


def test_text_keeps_its_line_ends_as_references_and_markdown_reads_none_of_it() -> None:
    line = one_line(f"<div>{CODE}</div>")
    assert line.count("\n") == 1
    page = Markdown(extensions=["pymdownx.superfences"]).convert(line)
    assert "<pre>a&#10;```&#10;&#10;b&#10;- c</pre>" in page


def test_a_style_has_no_references() -> None:
    assert one_line("<style>a {\n}</style>\n<p>") == "<style>a { }</style>&#10;<p>\n"
