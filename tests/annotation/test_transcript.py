"""tracer/annotation/transcript.py: the lines of a run in their order, with their operations."""

from __future__ import annotations

from pathlib import Path

from tests.example import example
from tests.toy_unet import __file__ as TOY_FILE
from tracer.annotation.transcript import run_lines

TOY = example()


def lines(call: str | None = None) -> list[str]:
    source = Path(TOY_FILE).read_text("utf-8").splitlines()
    return list(run_lines(TOY, {TOY.lines[0].file: source}, call))


def test_every_line_that_ran_is_shown_in_its_order() -> None:
    numbers = [int(text.split()[0]) for text in lines() if text.split()[0].isdigit()]
    assert numbers == [line.line for line in TOY.lines]


def test_every_operation_that_a_line_ran_itself_is_below_it() -> None:
    assert any(text.strip().startswith("cat (1, ") and " -> (1, " in text for text in lines())


def test_a_call_is_indented_and_can_be_shown_alone() -> None:
    first = lines("up.0.block.0")[0]
    assert first.startswith("up.0.block.0: ")
    assert all("mid." not in text for text in lines("up.0.block.0"))
