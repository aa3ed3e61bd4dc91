"""Lines of a saved trace that contradict each other are refused, with the place."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import GOLDEN
from tests.example import example
from tracer.frame_checks import MAX_TEXT
from tracer.store import TraceFileError, from_json, load, to_json

OLD = GOLDEN / "files_of_format_2" / "toy_unet.json"


def last_of(lines: list[dict[str, Any]], frame: int) -> int:
    return max(number for number, line in enumerate(lines) if line["frame"] == frame)


@pytest.mark.parametrize(
    ("number", "field", "value", "trouble"),
    [
        (3, "frame", -1, ".lines[3]: it has no number of a call, unlike other lines"),
        (3, "frame", -2, ".lines[3]: it has no number of a call, unlike other lines"),
        (3, "frame", 99, "calls are not counted from 0: nothing ran in call"),
        (3, "function", "f", ".lines[4]: another line of the same call is in another function"),
        (3, "file", "f.py", ".lines[4]: another line of the same call is in another function"),
        (4, "entry", 0, ".lines[4]: only the first line of a call has what held when"),
        (3, "entry", 1, ".lines[3]: it has two values for one variable"),
        (3, "sets", [["a", "1"], ["a", "2"]], ".lines[3]: it has two values for one variable"),
        (3, "sets", [["a", "1" * (MAX_TEXT + 1)]], ".lines[3]: the text of a small value is too"),
        (3, "before", [-1], ".lines[3]: the number of a line before it is out of range"),
        (3, "before", [1 << 63], ".lines[3]: the number of a line before it is out of range"),
    ],
)
def test_lines_that_contradict_each_other_are_refused(
    number: int, field: str, value: Any, trouble: str
) -> None:
    document = json.loads(to_json(example()))
    lines = document["lines"]
    entry = lines[3]["entry"]
    lines[number][field] = entry * (value + 1) if field == "entry" else value
    with pytest.raises(TraceFileError) as caught:
        from_json(json.dumps(document).encode(), "unet.json")
    assert trouble in str(caught.value)


def test_a_line_without_effect_is_the_last_one_of_its_call() -> None:
    trace = example()
    first = next(number for number, line in enumerate(trace.lines) if line.frame == 1)
    line = trace.lines[first]
    quiet = replace(line, last=line.first, names=(), changes=())
    lines = (*trace.lines[:first], quiet, *trace.lines[first + 1 :])
    with pytest.raises(TraceFileError, match="a line without effect is the last one of its call"):
        from_json(to_json(replace(trace, lines=lines)))


def test_the_tensors_at_entry_are_those_of_the_trace() -> None:
    document = json.loads(to_json(example()))
    document["lines"][3]["entry"][0][1]["shape"] = [7]
    with pytest.raises(TraceFileError, match="has two shapes or dtypes"):
        from_json(json.dumps(document).encode())


def test_a_file_of_format_2_is_read_without_the_calls_of_its_lines() -> None:
    trace = example()
    lines = tuple(replace(line, frame=-1, before=(), sets=(), entry=()) for line in trace.lines)
    assert load(OLD) == replace(trace, lines=lines)
