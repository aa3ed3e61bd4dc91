"""The words of a drawing in the language of a page; blocks and operations keep their names."""

from __future__ import annotations

import re

from tracer.site.pages.words import Words

SKIP_LABEL = re.compile(r"\bskip (\d+)(?=: )")
SIDE_INPUT_LABEL = re.compile(r"(?<=>)to (?:(\d+) blocks|([^<]+))(?=<)")
OUTPUT_LABEL = re.compile(r"(?<=>)output(?=</text>)|(?<=aria-label=\")output(?=: )")


def translate_drawing(svg: str, words: Words) -> str:
    """Return a drawing with its labels in another language.

    Args:
        svg: A drawing that stands in a page, with labels in English.
        words: The phrases of the language.
    """

    def targets(match: re.Match[str]) -> str:
        count, block = match.groups()
        return words.feeds_many.format(blocks=count) if count else words.feeds.format(block=block)

    svg = SKIP_LABEL.sub(lambda match: words.drawn_skip.format(number=match[1]), svg)
    return OUTPUT_LABEL.sub(words.output, SIDE_INPUT_LABEL.sub(targets, svg))
