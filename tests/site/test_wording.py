"""The wording of pages, notes, the glossary and generated parts: expressions that were replaced.

Each stands for a kind of mistake: a second word for one thing, a particle after a placeholder, a
translated idiom, British spelling beside American.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import yaml

from tests.conftest import ROOT
from tests.site.test_this_site import pages
from tests.site.test_words import phrases
from tracer.site.content.site_config import LANGUAGES
from tracer.site.pages.words import WORDS

REPLACED = {
    "en": {
        r"\bwhoever\b": "anyone who, or: if you",
        r"\banew\b": "again",
        r"\bparted\b": "mismatch",
        r"\bone (box|row|note|timestep) an? \w+\.": "one ... per ...",
        r"\bwidths\b|\bwidth (in|of)\s+channels": "number of channels",
        r"\brightly\b": "is right to",
        r"\blearns what time": "gets the timestep",
        r"\b\w*(normali|visuali|recogni|optimi|initiali|summari)s(e|es|ed|ing|ation)\b": "-ize",
        r"\b(behaviour|colour|neighbour|licence|centre)": "American spelling",
        r"\b\d+ times, \d+ different": "calls, shapes",
    },
    "ko": {
        r"\((으|이|은|을|와|과)\)[로가는를]|[을은이]\([를는가]\)": "조사가 필요 없는 표현",
        "디퓨전": "확산",
        "스킵 ?커넥션": "스킵 연결",
        "종료 코드": "종료 상태",
        "Python에서": "파이썬에서",
        "쓴 바이트": "쓰기 바이트",
        "결합 뒤의 블록": "합친 값을 받는 블록",
        "분기를 탑니다": "분기를 실행합니다",
        "기다리(는|던) 스킵|기다리는 스킵": "짝이 되는 스킵",
        "UNet의 말": "UNet 용어",
        "물어볼 수": "확인할 수",
        "위 레벨의 것": "위 레벨과 같은",
        "다시 묶": "가리키게 하다",
        "갈라진": "어긋난",
        "숫자는 .*일 때": "... 기준",
    },
}
"""Regular expressions, and what is written instead."""


def texts(language: str) -> Iterator[tuple[str, str]]:
    """Every text of the site in a language: where it is, and the text without its code."""
    for name, text in pages(language).items():
        yield f"docs/{language}/{name}", text
    for path in sorted((ROOT / "docs" / "notes").glob("*.yaml")):
        notes = yaml.safe_load(path.read_text(encoding="utf-8"))
        around = (notes[part] for part in ("title", "intro", "outro") if part in notes)
        for text in (*around, *notes["notes"]):
            yield path.name, text.get(language) or ""
    for term in yaml.safe_load((ROOT / "docs" / "glossary.yaml").read_text("utf-8"))["terms"]:
        yield "glossary.yaml", term["definition"][language]  # `choice` names the other forms
    yield from phrases(WORDS[language]).items()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_has_an_expression_that_was_replaced(language: str) -> None:
    found = [
        f"{where}: {match[0]!r}, better: {better}"
        for where, text in texts(language)
        for pattern, better in REPLACED[language].items()
        for match in re.finditer(pattern, re.sub(r"`[^`]*`", "``", text), re.IGNORECASE)
    ]
    assert found == []
