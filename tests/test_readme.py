"""What README.md shows is what happens."""

from __future__ import annotations

import doctest
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

import tracer
from tracer.cli import main

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


@pytest.mark.slow
def test_the_session_of_the_example_gives_what_it_names() -> None:
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    opened, asked = blocks[1].strip().splitlines()
    names: dict[str, Any] = {"tracer": tracer}
    exec(opened, names)
    found = [type(one).__name__ for one in eval(asked, names)]
    assert found == ["Trace", "Trace", "SizeRules", "ReplayVerdict"]


@pytest.mark.slow
@pytest.mark.parametrize("command", ["stack", "explain"])
def test_a_command_prints_what_is_shown(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a terminal 80 columns wide."""
    text = README.read_text(encoding="utf-8")
    shown = re.search(rf"^\$ \.venv/bin/unet-trace ({command} .*)\n((?s:.+?))^```", text, re.M)
    assert shown is not None
    monkeypatch.setenv("COLUMNS", "80")
    words = [*shlex.split(shown[1]), *(["--format", "rich"] if command == "stack" else [])]
    main(words)
    assert doctest.OutputChecker().check_output(shown[2], capsys.readouterr().out, doctest.ELLIPSIS)
