"""The words of a drawing in the language of a page; blocks and operations keep their names."""

from __future__ import annotations

import re

from tracer.site.pages.words import Words

SKIP = re.compile(r"\bskip (\d+)(?=: )")
SIDE_INPUT = re.compile(r"(?<=>)to (?:(\d+) blocks|([^<]+))(?=<)")
OUTPUT = re.compile(r"(?<=>)output(?=</text>)|(?<=aria-label=\")output(?=: )")


def translate_drawing(svg: str, words: Words) -> str:
    """Return a drawing with its labels in another language.

    Args:
        svg: A drawing that stands in a page, with labels in English.
        words: The phrases of the language.
    """

    def targets(match: re.Match[str]) -> str:
        count, block = match.groups()
        return words.feeds_many.format(blocks=count) if count else words.feeds.format(block=block)

    svg = SKIP.sub(lambda match: words.drawn_skip.format(number=match[1]), svg)
    return OUTPUT.sub(words.output, SIDE_INPUT.sub(targets, svg))
