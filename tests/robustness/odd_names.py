"""Names that a terminal, a spreadsheet or a parser would take for something else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

ODD_NAMES = {
    "clear the screen": "a\x1b[2Jb",
    "terminal title": "\x1b]0;title\x07",
    "C1 control": "a\x9bb",
    "NUL": "a\0b",
    "newline": "a\nb",
    "CR and tab": "a\r\nc\td",
    "next line": "a\x85b",
    "delete": "a\x7fb",
    "surrogate": "a\ud800b",
    "right to left": "\u202eabc",
    "zero width": "ze\u200bro",
    "byte order mark": "\ufeffa",
    "no character": "a\uffffb",
    "line separator": "a\u2028b",
    "tag": "a\U000e0041b",
    "no-break space": "\xa0x",
    "space before": " x",
    "space after": "x ",
    "two spaces": "a  b",
    "10,000 letters": "n" * 10_000,
    "1,100 letters": "m" * 1_100,
    "5,000 digits": "9" * 5_000,
    "backslash": "a\\b",
    "escape already": "a\\x1bb",
    "escape of Graphviz": "\\N",
    "last backslash": "a\\",
    "formula": "=SUM(A1)",
    "formula with @": "@SUM(A1)",
    "plus": "+1+cmd|'/C calc'!A0",
    "minus": "-1+2",
    "number of a call": "a@1",
    "the model": "(the model)",
    "not joined": "(not joined)",
    "arrow": "x -> y",
    "skip": "x; [1 2]; cat(h 1)",
    "list": "a, b",
    "entity": "a&#27;b",
    "named entity": "&lt;b&amp;",
    "markup": "<b>x</b>",
    "script": "<script>alert(1)</script>",
    "CDATA": "]]>",
    "double quotes": '"q"',
    "one quote": 'a"',
    "single quotes": "'q'",
    "colon": "a: b",
    "comment": "a #b",
    "item": "- x",
    "null": "null",
    "yes": "yes",
    "merge": "<<",
    "alias": "*x",
    "tag of YAML": "!x",
    "brace": "{",
    "bracket": "[0]",
    "percent": "%",
    "question": "? x",
    "pipe": "a|b",
    "code span": "a`b",
    "date": "2020-01-01",
    "hexadecimal": "0x1F",
    "Korean": "한글",
    "combining": "e\u0301",
    "emoji": "\U0001f468\u200d\U0001f469",
    "code": '"); raise SystemExit("run"); ("',
}
"""Each name by what it is. None has a dot, which PyTorch keeps for paths."""


def odd_model(names: Iterable[str]) -> Any:
    """A model with a module of each name, which pushes what each makes and joins it as a skip."""
    import torch
    from torch import nn

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.parts = nn.ModuleDict({name: nn.Conv2d(4, 4, 1) for name in names})

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            pushed = []
            for part in list(self.parts.values()):
                x = part(x)
                pushed.append(x)
            while pushed:
                x = torch.cat([x, pushed.pop()], 1)[:, :4]
            return x

    return type("Net\x1b[2J", (Net,), {})()
