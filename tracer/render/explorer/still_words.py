"""What the page of an explorer says where no script runs, in each language."""

from __future__ import annotations

from dataclasses import dataclass

from tracer.errors import TraceError


@dataclass(frozen=True, slots=True)
class StillWords:
    """The headings and sentences of one language.

    Attributes:
        page: The title of the page: `{model}` is the name of the class.
        counts: How large the model is.
        rules: The sizes at which it runs.
        no_rules: What stands in their place where they are not known.
    """

    page: str
    counts: str
    made_with: str
    rules: str
    no_rules: str
    no_formulas: str
    map: str
    source: str
    first_call: str
    stack: str
    shapes: str
    costs: str
    reasons: str
    notes: str
    nested: str
    no_source: str


STILL_WORDS = {
    "en": StillWords(
        page="{model}: source, shapes and skip stack",
        counts="{parameters} parameters, {blocks} blocks, {operations} operations, {skips} skips.",
        made_with="Traced with PyTorch {torch} and unet-trace {version}.",
        rules="Sizes at which it runs: {rules}.",
        no_rules="The sizes at which it runs are not part of this page.",
        no_formulas="Its sizes are numbers, because no formulas were looked for.",
        map="Map",
        source="Source",
        first_call="Shapes of the first call: {call}",
        stack="Skip stack",
        shapes="Shapes",
        costs="Costs",
        reasons="Why sizes fail",
        notes="Notes",
        nested="Inside {block}",
        no_source="The text of {file} is not known here, or has changed since it ran.",
    ),
    "ko": StillWords(
        page="{model}: 소스, 형상, 스킵 스택",
        counts=(
            "파라미터 {parameters}개, 블록 {blocks}개, 연산 {operations}개, 스킵 {skips}개입니다."
        ),
        made_with="PyTorch {torch}, unet-trace {version}에서 추적했습니다.",
        rules="실행되는 크기: {rules}.",
        no_rules="실행되는 크기는 이 페이지에 들어 있지 않습니다.",
        no_formulas="식을 구하지 않았으므로 크기는 모두 숫자입니다.",
        map="지도",
        source="소스",
        first_call="첫 호출의 형상: {call}",
        stack="스킵 스택",
        shapes="형상",
        costs="비용",
        reasons="실패하는 크기와 이유",
        notes="참고",
        nested="{block} 안쪽",
        no_source="{file}: 소스를 찾을 수 없거나 실행한 뒤에 바뀌었습니다.",
    ),
}
"""The words of each language that a page can be written in."""


def words_of(lang: str) -> StillWords:
    """Return the words of a language. Raises TraceError for one that there are none of."""
    if lang not in STILL_WORDS:
        known = " and ".join(STILL_WORDS)
        raise TraceError(f'There is no language "{lang}": give one of {known}.')
    return STILL_WORDS[lang]
