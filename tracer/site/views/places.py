"""What a view says of a place: its name, and a link where the site shows it."""

from __future__ import annotations

from dataclasses import dataclass

from tracer.site.plan import Plan, Span
from tracer.site.words import Words


@dataclass(frozen=True, slots=True)
class Place:
    """A block, a line of source, a file."""

    text: str
    address: str | None = None


def upstream_place(plan: Plan, span: Span, words: Words) -> Place:
    """Lines of the upstream file."""
    first, last = span
    lines = f"L{first}" if first == last else f"L{first}–L{last}"
    return Place(words.upstream_lines.format(lines=lines), plan.upstream_at(span))
