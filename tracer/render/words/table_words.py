"""The words of tables and drawings in other languages: titles, cells and labels but for names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tracer.render.formats.table import Table, translated

Forms = tuple[tuple[str, str], ...]
"""Texts with a name or a number in them, as patterns, and what they become. In a pattern, the group
`name` is a text of its own."""


@dataclass(frozen=True, slots=True)
class TableWords:
    """The words of one language by the English ones.

    Attributes:
        titles: The titles of columns.
        cells: The texts of cells.
        forms: Both, and labels of drawings, with a name or a number in them.
    """

    titles: Mapping[str, str]
    cells: Mapping[str, str]
    forms: Forms

    def title(self, text: str) -> str:
        """Return the title of a column in this language."""
        return self.titles.get(text) or self.cell(text)

    def cell(self, text: str) -> str:
        """Return a cell or a label in this language; names are the same in any."""
        if text in self.cells:
            return self.cells[text]
        for pattern, form in self.forms:
            if match := re.fullmatch(pattern, text):
                parts = match.groupdict()
                return form.format_map(parts | {"name": self.cell(parts.get("name") or "")})
        return text


KOREAN = TableWords(
    titles={
        "block": "블록",
        "class": "클래스",
        "in": "입력",
        "out": "출력",
        "parameters": "파라미터",
        "skip": "스킵",
        "shape": "형상",
        "depth": "깊이",
        "bytes held": "보관 중인 바이트",
        "list": "리스트",
        "pushed by": "보내는 블록",
        "made by": "보내는 블록",
        "pushed at": "push한 줄",
        "made at": "만든 줄",
        "popped by": "받는 블록",
        "joined by": "받는 블록",
        "read by": "받는 블록",
        "taken by": "받는 블록",
        "popped at": "pop한 줄",
        "read at": "꺼낸 줄",
        "taken at": "꺼낸 줄",
        "join": "병합",
        "joined at": "병합한 줄",
        "joined before": "병합한 값을 받는 블록",
        "h + skip = cat": "h + 스킵 = cat",
        "skip + h = cat": "스킵 + h = cat",
        "operands = cat": "피연산자 = cat",
        "fails at": "실패하는 크기",
        "sizes": "맞지 않는 두 크기",
        "rounded in": "크기를 반올림한 블록",
        "rounded at": "반올림한 줄",
        "change": "전 → 후",
        "operation": "연산",
        "times": "횟수",
        "multiply-adds": "곱셈-덧셈",
        "% FLOPs": "FLOPs 비율(%)",
        "bytes written": "쓰기 바이트",
        "not counted": "세지 않은 연산",
        "where": "위치",
        "what": "항목",
    },
    cells={
        "(the model)": "모델 자신",
        "(input)": "입력",
        "(no list)": "리스트 없음",
        "(no skip)": "스킵 연결 아님",
        "(left over)": "남음",
        "(replaced)": "교체됨",
        "(join failed)": "병합 실패",
        "(not reached)": "실행되지 않음",
        "(not joined)": "병합되지 않음",
        "added": "추가",
        "changed": "변경",
        "moved": "이동",
        "removed": "삭제",
        "renamed": "이름 변경",
        "block": "블록",
        "buffers": "버퍼",
        "class": "클래스",
        "done on the way": "거치는 연산",
        "fed by": "입력을 주는 층",
        "inputs": "입력",
        "join": "병합",
        "name": "이름",
        "outputs": "출력",
        "parameters": "파라미터",
        "place": "자리",
        "residual additions": "잔차 덧셈",
        "shape": "형상",
        "shapes": "형상",
        "skip": "스킵",
        "source": "보내는 블록",
        "target": "받는 블록",
        "weights": "가중치",
    },
    forms=(
        (r"(?P<first>(?:.+, )?)scalar(?P<rest>(?:, .+)?)", "{first}스칼라{rest}"),
        (r"(?P<name>.+) and (?P<count>[\d,]+) more", "{name} 외 {count}개"),
        (r"to (?P<count>[\d,]+) blocks", "블록 {count}개로"),
        (r"(?P<name>.+), (?P<count>[\d,]+) blocks", "{name}, 블록 {count}개"),
        (r"skip into (?P<name>.+)", "스킵 → {name}"),
        (r"skip from (?P<name>.+)", "{name} → 스킵"),
        (r"skip (?P<count>\d+): (?P<name>.+)", "스킵 {count}: {name}"),
        (r"size rule for (?P<name>.+)", "{name}의 크기 규칙"),
        (r"(?P<name>.+) or (?P<last>\w+) = (?P<size>\d+)", "{name} 또는 {last} = {size}"),
        (r"in (?P<name>.+)", "이름: {name}"),
        (r"to (?P<name>.+)", "→ {name}"),
        (r"before (?P<name>.+)", "{name} 앞"),
        (r"behind (?P<name>.+)", "{name} 뒤"),
        (r"input (?P<name>.+)", "입력 {name}"),
        (r"output(?P<count>(?: \d+)?)", "출력{count}"),
    ),
)
"""The words in Korean. The pages of the site take theirs from here, too."""

TABLE_WORDS = {"ko": KOREAN}
"""The words of each language but English, in which tables are made."""


def label_in_language(text: str, language: str) -> str:
    """Return a label of a drawing in a language.

    >>> label_in_language("to 17 blocks", "ko")
    '블록 17개로'
    """
    return TABLE_WORDS[language].cell(text) if language in TABLE_WORDS else text


def in_language(table: Table, language: str) -> Table:
    """Return a table in a language; its sentences are English, so other languages leave them out.

    >>> from tracer.render.formats.table import Column
    >>> table = Table("", (Column("block", ("(the model)", "mid and 2 more"), "path"),))
    >>> in_language(table, "ko").rows
    (('모델 자신',), ('mid 외 2개',))
    """
    if language not in TABLE_WORDS:
        return table
    words = TABLE_WORDS[language]
    cells = {cell: words.cell(cell) for column in table.columns for cell in column.cells}
    titles = {column.title: words.title(column.title) for column in table.columns}
    return replace(translated(table, titles, cells), summary=())
