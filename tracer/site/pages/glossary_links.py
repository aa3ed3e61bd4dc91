"""Terms of the glossary as links in the text of a page, with the definition as their tooltip.

Only the first occurrence of a term in a section is a link, and none is in a heading, in code, in a
table or in another link. Two terms in a row mean something else: a noise level is no level.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape

from tracer.site.content.site_content import GlossaryTerm
from tracer.site.pages.html_tokens import HtmlToken, attributes_of, tokens

TEXT_ELEMENTS = {"p", "li", "dd"}
HEADING_ELEMENTS = {"h1", "h2", "h3", "h4", "h5", "h6"}
OTHER_ELEMENTS = HEADING_ELEMENTS | {
    *("a", "button", "code", "figure", "label", "math", "pre", "script", "style", "summary", "svg"),
    "table",
}
"""Elements whose text is left as it is."""

DEPTH_CHANGES = {"start": 1, "end": -1}

NOTE_ATTRIBUTE = "data-first"
"""The heading of a note has it. All notes on a function are one section, lest all be links."""
PARTICLES = (
    *("에서는", "으로는", "에서", "으로", "에는", "부터", "까지", "마다", "이며", "이고", "입니다"),
    *("은", "는", "이", "가", "을", "를", "의", "에", "와", "과", "로", "도", "만", "인", "들"),
)
ANY_PARTICLE = f"(?:{'|'.join(PARTICLES)})?"
PATTERNS = {
    "en": (
        r"(?<![\w/-])(?P<term>{terms})(?:e?s)?(?P<compound>(?: (?:{terms})(?:e?s)?)*)"
        r"(?![\w-]|\.\w)"  # no part of a path, such as models/upsampling.py
    ),
    "ko": (
        r"(?<![가-힣\w])(?P<term>{terms})(?P<compound>(?: (?:{terms}))*)"
        rf"(?={ANY_PARTICLE}(?![가-힣]))"
    ),
}


def link_terms(html: str, terms: Iterable[GlossaryTerm], language: str, glossary: str) -> str:
    """Return the HTML of a page with links to the glossary.

    Args:
        html: The content of the page.
        terms: The glossary.
        language: The language of the page.
        glossary: The address of the page of the glossary, as it is written on this page.
    """
    by_form = {_form(term, language): term for term in terms}
    if not by_form:
        return html
    return "".join(_TermLinker(by_form, language, glossary).written(html))


def _form(term: GlossaryTerm, language: str) -> str:
    """The term as it stands in a text: without what is added to it in parentheses."""
    return re.sub(r"\(.*\)", "", term.of(language)).strip().lower()


class _TermLinker:
    """Writes what it reads, and adds the links."""

    def __init__(self, terms: dict[str, GlossaryTerm], language: str, glossary: str) -> None:
        self.terms = dict(sorted(terms.items(), key=lambda item: -len(item[0])))
        self.language = language
        self.glossary = glossary
        forms = "|".join(map(re.escape, self.terms))
        pattern = PATTERNS[language].replace("{terms}", forms)
        self.pattern = re.compile(pattern, re.IGNORECASE)
        self.linked: set[str] = set()

    def written(self, html: str) -> Iterator[str]:
        """The pieces of a page, with links in its text."""
        depth_of_text = depth_of_others = 0
        for token in tokens(html):
            if token.kind in DEPTH_CHANGES:
                change = DEPTH_CHANGES[token.kind]
                depth_of_text += change * (token.name in TEXT_ELEMENTS)
                depth_of_others += change * (token.name in OTHER_ELEMENTS)
                if token.kind == "start" and _begins_section(token):
                    self.linked.clear()
            is_text = token.kind == "text" and depth_of_text > 0 and depth_of_others == 0
            yield self.pattern.sub(self._link, token.text) if is_text else token.text

    def _link(self, match: re.Match[str]) -> str:
        term = self.terms[match["term"].lower()]
        if match["compound"] or term.id in self.linked:
            return match[0]
        self.linked.add(term.id)
        definition = escape(term.definition.of(self.language).replace("`", ""))
        address = f"{self.glossary}#{term.id}"
        return f'<a class="ut-term" href="{address}" title="{definition}">{match[0]}</a>'


def _begins_section(token: HtmlToken) -> bool:
    return token.name in HEADING_ELEMENTS and NOTE_ATTRIBUTE not in attributes_of(token)
