"""tracer/site/own/own_pages.py: what the pages of a site of one's own say."""

from __future__ import annotations

import re
from pathlib import Path

from tests.render.unet_kinds import nested
from tests.site.left_over_english import PageText, left_over_english, names_in
from tests.site.own_toy import toy_explored
from tracer.render.explorer.document import ExplorerContent
from tracer.site.own.own_config import OwnSettings
from tracer.site.own.own_site import read_own_site, write_sources

MARKUP = re.compile(
    r"^---\n.*?\n---\n|^--8<-- [^\n]*|\{#\w+\}|\]\([^)]*\)", re.DOTALL | re.MULTILINE
)
"""Of a page in Markdown: its front matter, what it includes, and addresses."""


def test_a_site_of_several_models_says_all_in_korean(tmp_path: Path) -> None:
    other = ExplorerContent(nested()[0])
    contents = (toy_explored(), toy_explored("b.py:net --set ch=16"), other)
    write_sources(read_own_site(contents, OwnSettings(("ko",))), tmp_path)
    names = set().union(*(names_in(one.trace) for one in contents))
    found = {}
    for path in sorted((tmp_path / "docs/ko").rglob("*")):
        if path.suffix in {".html", ".md"}:
            page = PageText(MARKUP.sub("", path.read_text(encoding="utf-8")))
            found[str(path)] = left_over_english(" ".join(page.texts), names)
    assert len(found) > 30
    assert {name: words for name, words in found.items() if words} == {}
