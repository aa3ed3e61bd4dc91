"""What README.md shows is what happens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

README = Path(__file__).parent.parent / "README.md"


def test_the_python_example_says_what_it_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = re.search(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert code is not None
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(code[1], names)  # the reader would run it, too
    tracer, trace, formulas = names["tracer"], names["trace"], names["formulas"]
    shown = [
        trace.blocks["mid.attn_1"].outputs[0].shape,
        next((skip.source, skip.target) for skip in tracer.skips(trace)),
        tracer.cost(trace).flops,
        formulas.blocks["mid.attn_1"].outputs[0].shape,
    ]
    said = code[1].replace('"', "'")
    assert [repr(item) in said for item in shown] == [True] * len(shown)
