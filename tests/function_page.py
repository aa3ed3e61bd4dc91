"""The table of commands and Python functions as the pages of the documentation show it."""

from __future__ import annotations

import re

SECTION = re.compile(r"(<!-- functions -->\n\n)(.*?)(\n<!-- end of functions -->)", re.DOTALL)

HEADINGS = {"en": ("command", "from Python"), "ko": ("명령", "파이썬")}
PYTHON_ONLY = {"en": "only in Python", "ko": "파이썬에서만"}

FUNCTIONS: dict[str, tuple[str, ...]] = {
    "show": ("table",),
    "stack": ("skip_stack", "skips", "stack"),
    "cost": ("cost", "cost_formulas", "cost_tables"),
    "diagram": ("diagram",),
    "sizes": ("sizes",),
    "explain": ("explain",),
    "report": ("report", "explore"),
    "trace": ("trace", "save", "load"),
    "lock": ("lock",),
    "check": ("check",),
    "diff": ("diff",),
    "checkpoint": ("checkpoint",),
    "annotate": ("annotate",),
    "verify": ("verify",),
}
"""The functions of `tracer` that do what a command does."""

NO_FUNCTION = {
    "presets": ("`reference_model.PRESETS`", "`reference_model.PRESETS`"),
    "site": (
        "only as a command: it builds a site that explores models",
        "명령으로만 쓸 수 있으며, 모델을 살펴보는 사이트를 만듭니다.",
    ),
    "schema": (
        "only as a command: it prints a file",
        "명령으로만 쓸 수 있으며, 파일 하나를 출력합니다.",
    ),
}
"""Why a command has none, in English and Korean."""

NO_COMMAND = {
    "graph": ("the trace as a `torch.fx.GraphModule`", "`torch.fx.GraphModule`로 만든 추적 기록"),
    "at": ("formulas at other sizes", "다른 크기를 넣은 식"),
    "assert_shapes": ("shapes in tests", "테스트에서 쓰는 형상 단언"),
    "assert_stack": ("the skip stack in tests", "테스트에서 쓰는 스킵 스택 단언"),
    "display": ("how notebooks show traces", "노트북에서 추적 기록을 보여 주는 방식"),
}
"""Functions without a command, and what they are for."""


def page_section(language: str) -> str:
    """The table in Markdown: first by command, then functions that have none."""
    number = ("en", "ko").index(language)
    rows = [HEADINGS[language], ("---", "---")]
    rows += [(f"`{name}`", _calls(functions)) for name, functions in FUNCTIONS.items()]
    rows += [(f"`{name}`", reasons[number]) for name, reasons in NO_FUNCTION.items()]
    others = (f"{_calls((name,))}: {what[number]}" for name, what in NO_COMMAND.items())
    rows += [(PYTHON_ONLY[language], "<br>".join(others))]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in rows)


def _calls(names: tuple[str, ...]) -> str:
    return ", ".join(f"`tracer.{name}`" for name in names)
