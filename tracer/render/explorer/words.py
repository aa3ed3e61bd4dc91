"""What the explorer says, in each language; `{x}` is a place for a name or a number."""

from __future__ import annotations

from tracer.render.explorer.map_words import MAP_WORDS

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "source": "Source",
        "map": "Map",
        "stack": "Skip stack",
        "sizes": "Sizes",
        "tables": "Tables",
        **MAP_WORDS["en"],
    },
    "ko": {
        "source": "코드",
        "map": "지도",
        "stack": "스킵 스택",
        "sizes": "크기",
        "tables": "표",
        **MAP_WORDS["ko"],
    },
}
