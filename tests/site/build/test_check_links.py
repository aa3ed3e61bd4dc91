"""tracer/site/build/check_links.py: the check of a built site."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracer.site.build.check_links import link_problems, read_pages

GOOD = """
<link rel="stylesheet" href="../all.css"><link rel="canonical" href="https://example.org/">
<script src="/all.js"></script><img src="data:,"><a href="b.html#x">b</a><a href="#here">h</a>
<p id="here"></p><a href="https://example.org/#y">out</a><a href="./">index</a>
<svg><a xlink:href="b.html#%EC%9E%90%EB%A6%AC">svg</a></svg><a href="mailto:a@example.org">m</a>
"""


def problems(folder: Path, page: str) -> list[str]:
    """What is wrong with a site of two pages, of which this is one."""
    pages = folder / "pages"
    pages.mkdir()
    (pages / "a.html").write_text(page, encoding="utf-8")
    (pages / "b.html").write_text('<p id="x"><b id="자리">', encoding="utf-8")
    for name in ("all.css", "all.js", "pages/index.html"):
        (folder / name).write_text("")
    return list(link_problems(folder, read_pages(folder)))


def test_links_within_and_out_of_the_site_are_fine(tmp_path: Path) -> None:
    assert problems(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("page", "trouble"),
    [
        ('<a href="c.html">', "links to c.html, but there is no such page"),
        ('<a href="/a.html">', "links to /a.html, but there is no such page"),
        ('<a href="b.html#z">', "links to b.html#z, but that page has no such anchor"),
        ('<a href="#z">', "links to #z, but that page has no such anchor"),
        ('<svg><a xlink:href="c.html"/>', "links to c.html, but there is no such page"),
        ('<img src="no.png">', "links to no.png, but there is no such page"),
        (
            '<script src="//example.org/a.js">',
            "loads //example.org/a.js from another server",
        ),
        ('<img src="https://example.org/a">', "loads https://example.org/a from another server"),
        (
            '<link rel="preconnect stylesheet" href="https://example.org/a.css">',
            "loads https://example.org/a.css from another server",
        ),
        ('<p id="a"></p><p id="a">', "two elements have the id a"),
    ],
)
def test_what_is_wrong_names_the_page(tmp_path: Path, page: str, trouble: str) -> None:
    assert problems(tmp_path, page) == [f"pages/a.html: {trouble}"]


def test_style_sheets_are_checked(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text(
        "a{background:url(https://example.org/a.png)} b{background:url('data:,')}"
        '@import "//example.org/b.css";'
    )
    assert problems(tmp_path, "") == [
        "a.css: loads https://example.org/a.png from another server",
        "a.css: loads //example.org/b.css from another server",
    ]
