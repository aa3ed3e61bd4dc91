"""The table of options and commands as the pages of the documentation show it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tracer.cli import option_table as table
from tracer.cli.option_table import OPTION_TABLE, OptionRow

SECTION = re.compile(r"(<!-- options -->\n\n)(.*?)(\n<!-- end of options -->)", re.DOTALL)

HEADINGS = {"en": ("option", "commands", "not in"), "ko": ("옵션", "명령", "쓸 수 없는 명령")}
KOREAN = {
    table.NO_MODEL: "모델을 실행하지 않습니다.",
    table.KEYS_ONLY: "가중치의 이름과 형상만 비교하고 모델을 호출하지 않습니다.",
    table.PAGE_IN_FORMULAS: "크기는 이미 식이며, 입력에 관한 것입니다.",
    table.RULES_ARE_FORMULAS: "크기 규칙은 이미 식이며, 입력에 관한 것입니다.",
    table.REAL_NUMBERS: "숫자를 비교하며, 블록의 형상을 보여 주지 않습니다.",
    table.ROWS_ARE_SKIPS: "행이 블록이 아니라 스킵입니다.",
    table.NO_BLOCKS: "결과에 블록을 나타내는 행이 없습니다.",
    table.STATEMENTS: "블록이 아니라 문장을 보여 줍니다.",
    table.WHOLE_MODEL: "모델 전체를 다룹니다.",
    table.ONE_FORMAT: "출력 형식이 하나뿐입니다.",
    table.WRITES_FOLDER: "폴더에 씁니다. `--out DIR`을 쓰십시오.",
}
"""The reasons in Korean; a reason that begins with "only" is clear from the commands."""


def page_section(language: str) -> str:
    """The table in Markdown: one row for all options that the same commands have."""
    words: dict[tuple[str, str], list[str]] = {}
    for row in OPTION_TABLE:
        cells = _names(row.commands), "<br>".join(_holes(row, language))
        words.setdefault(cells, []).extend(f"`{word}`" for word in row.option.words)
    lines = [HEADINGS[language], ("---",) * 3]
    lines += [("<br>".join(options), *cells) for cells, options in words.items()]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _holes(row: OptionRow, language: str) -> Iterator[str]:
    by_reason: dict[str, list[str]] = {}
    for name, reason in row.reasons.items():
        by_reason.setdefault(reason, []).append(name)
    for reason, names in by_reason.items():
        if reason != table.NO_MODEL and len(row.commands) > 2:
            text = reason if language == "en" else KOREAN[reason]
            yield f"{_names(names)}: {text}"


def _names(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
