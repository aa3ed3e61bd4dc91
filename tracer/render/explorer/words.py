"""What the explorer says, in each language; `{x}` is a place for a name or a number."""

from __future__ import annotations

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "source": "Source",
        "map": "Map",
        "stack": "Skip stack",
        "sizes": "Sizes",
        "tables": "Tables",
    },
    "ko": {
        "source": "소스",
        "map": "맵",
        "stack": "스킵 스택",
        "sizes": "크기",
        "tables": "표",
    },
}
