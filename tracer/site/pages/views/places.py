"""What a view says of a place: its name, and a link where the site shows it."""

from __future__ import annotations

from dataclasses import dataclass

from tracer.site.content.site_config import SiteConfig, Span
from tracer.site.pages.words import Words


@dataclass(frozen=True, slots=True)
class PlaceLinks:
    """A block, a line of source, a file."""

    text: str
    address: str | None = None


def upstream_place(plan: SiteConfig, span: Span, words: Words) -> PlaceLinks:
    """Lines of the upstream file."""
    first, last = span
    lines = f"L{first}" if first == last else f"L{first}–L{last}"
    return PlaceLinks(words.upstream_lines.format(lines=lines), plan.upstream_at(span))
