"""What the pages of a site of one's own say, in each language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OwnWords:
    """The phrases of one language, and the names of the theme's controls in it."""

    models: str
    overview: str
    source: str
    stack: str
    sizes: str
    tables: str
    functions: str
    differences: str
    about_source: str
    about_stack: str
    about_sizes: str
    about_tables: str
    about_differences: str
    target: str
    model: str
    parameters: str
    compared: str
    pairs: str
    no_pairs: str
    name_in: str
    permalink: str
    themes: Mapping[str, str]


OWN_WORDS = {
    "en": OwnWords(
        models="Models",
        overview="Map",
        source="Source",
        stack="Skip stack",
        sizes="Sizes",
        tables="Tables",
        functions="Functions",
        differences="Differences",
        about_source=(
            "The source with the shapes of every call. Step through the run with the arrow keys."
        ),
        about_stack="What is pushed, what pops it, and where they are joined.",
        about_sizes="Type a size: the shapes follow, and a size that fails shows where and why.",
        about_tables="Shapes, parameters, FLOPs and bytes of every block.",
        about_differences="Each model is compared with {model}.",
        target="target",
        model="model",
        parameters="parameters",
        compared="{a} and {b}",
        pairs="Names of the same blocks",
        no_pairs="Blocks that are the same have the same names.",
        name_in="in {model}",
        permalink="Permanent link",
        themes={
            "": "Switch to light mode",
            "default": "Switch to dark mode",
            "slate": "Follow the system",
        },
    ),
    "ko": OwnWords(
        models="모델",
        overview="지도",
        source="소스",
        stack="스킵 스택",
        sizes="크기",
        tables="표",
        functions="함수",
        differences="차이",
        about_source=(
            "호출마다의 형상을 함께 적은 소스입니다. 화살표 키로 실행을 한 줄씩 따라갑니다."
        ),
        about_stack="무엇을 push하고, 무엇이 pop하며, 어디에서 병합하는지 보여 줍니다.",
        about_sizes=(
            "크기를 입력하면 형상이 따라 바뀝니다. 맞지 않는 크기이면 어디에서 왜 실패하는지 "
            "보여 줍니다."
        ),
        about_tables="블록마다의 형상, 파라미터, FLOPs, 바이트입니다.",
        about_differences="각 모델을 다음 모델과 비교합니다: {model}.",
        target="대상",
        model="모델",
        parameters="파라미터",
        compared="{a}, {b}",
        pairs="같은 블록의 이름",
        no_pairs="같은 블록은 이름도 같습니다.",
        name_in="이름: {model}",
        permalink="이 제목의 주소",
        themes={
            "": "밝은 화면으로",
            "default": "어두운 화면으로",
            "slate": "시스템 설정에 따르기",
        },
    ),
}
"""The phrases by language."""
