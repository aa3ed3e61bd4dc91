"""What the explorer says, in each language; `{x}` is a place for a name or a number."""

from __future__ import annotations

from tracer.render.explorer.map_words import MAP_WORDS

PANE_WORDS: dict[str, dict[str, str]] = {
    "en": {
        "source": "Source",
        "map": "Map",
        "stack": "Skip stack",
        "sizes": "Sizes",
        "tables": "Tables",
        "language_name": "English",
        "language": "Language",
        "panes": "Views",
        "keys": "Keys",
        "close": "Close",
        "back": "Back",
        "function": "Function",
        "call": "Call",
        "running": "Running calls",
        "source_of": "Source of {function}",
        "no_source": (
            "The source of {file} was not found, or has changed since the trace. "
            "Only the lines that ran are listed."
        ),
        "no_lines": (
            "This trace has no lines of source. Trace the model again with lines "
            "to read its code here."
        ),
        "did_not_run": "did not run in this call",
        "becomes": "becomes",
        "held_before": "{name} before this line: {what}",
        "earlier_run": "Earlier run of this line",
        "later_run": "Later run of this line",
        "earlier_call": "Previous call of this function",
        "later_call": "Next call of this function",
        "loop_variables": "Loop variables",
        "small_values": "Other small values ({count})",
        "held": "Tensors held",
        "pile": "{name}: {count} tensors",
        "one_tensor": "1 tensor",
        "tensors": "{count} tensors",
        "pile_empty": "empty",
        "no_stack": "No container of tensors was seen in this run.",
        "taken_from": "taken from {list}",
        "skip_number": "skip {number}",
        "steps": "Steps",
        "step_back": "Previous line of the run",
        "step_next": "Next line of the run",
        "over_back": "Previous line of this function",
        "step_over": "Next line of this function",
        "play": "Play",
        "pause": "Pause",
        "speed": "Speed",
        "position": "Position in the run",
        "key_run": "next and previous line of the run, into calls",
        "key_over": "next and previous line of this function, over calls",
        "key_into": "into the call on this line, and out to its caller",
        "key_sibling": "next and previous call of this function",
        "key_ends": "first and last line",
        "key_play": "play and pause",
        "key_back": "back to where a call was opened",
        "key_help": "this list",
    },
    "ko": {
        "source": "소스",
        "map": "지도",
        "stack": "스킵 스택",
        "sizes": "크기",
        "tables": "표",
        "language_name": "한국어",
        "language": "언어",
        "panes": "화면",
        "keys": "단축키",
        "close": "닫기",
        "back": "뒤로",
        "function": "함수",
        "call": "호출",
        "running": "실행 중인 호출",
        "source_of": "소스: {function}",
        "no_source": (
            "{file}: 소스를 찾을 수 없거나 추적한 뒤에 바뀌었습니다. 실행된 줄만 표시합니다."
        ),
        "no_lines": (
            "이 추적 기록에는 소스 줄이 없습니다. 여기서 코드를 보려면 줄까지 기록하도록 "
            "모델을 다시 추적하세요."
        ),
        "did_not_run": "이 호출에서는 실행되지 않음",
        "becomes": "결과",
        "held_before": "이 줄을 실행하기 전의 {name}: {what}",
        "earlier_run": "이 줄의 이전 실행",
        "later_run": "이 줄의 다음 실행",
        "earlier_call": "이 함수의 이전 호출",
        "later_call": "이 함수의 다음 호출",
        "loop_variables": "반복문 변수",
        "small_values": "그 밖의 값 ({count}개)",
        "held": "변수에 담긴 텐서",
        "pile": "{name}: 텐서 {count}개",
        "one_tensor": "텐서 1개",
        "tensors": "텐서 {count}개",
        "pile_empty": "비어 있음",
        "no_stack": "이 실행에서는 텐서를 담은 컨테이너가 관찰되지 않았습니다.",
        "taken_from": "꺼낸 곳: {list}",
        "skip_number": "스킵 {number}",
        "steps": "단계별 실행",
        "step_back": "이전에 실행된 줄",
        "step_next": "다음에 실행된 줄",
        "over_back": "이 함수의 이전 줄",
        "step_over": "이 함수의 다음 줄",
        "play": "재생",
        "pause": "일시 정지",
        "speed": "속도",
        "position": "실행 위치",
        "key_run": "다음에 실행된 줄, 이전에 실행된 줄 (호출 안으로 들어감)",
        "key_over": "이 함수의 다음 줄, 이전 줄 (호출은 건너뜀)",
        "key_into": "이 줄의 호출 안으로 들어가기, 호출한 곳으로 나오기",
        "key_sibling": "이 함수의 다음 호출, 이전 호출",
        "key_ends": "첫 줄, 마지막 줄",
        "key_play": "재생, 일시 정지",
        "key_back": "호출을 열었던 곳으로 돌아가기",
        "key_help": "이 목록",
    },
}

EXPLORER_WORDS = {
    language: {**PANE_WORDS[language], **MAP_WORDS[language]} for language in PANE_WORDS
}
