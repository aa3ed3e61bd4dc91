"""tracer/render/formats/json_text.py: rows, entries and links as JSON."""

from __future__ import annotations

import json

from tests.example import example
from tracer.analysis.skip_stack import ledger
from tracer.render.formats.json_text import to_json_text
from tracer.render.tables.block_rows import rows


def test_rows_keep_numbers_and_shapes_as_they_are() -> None:
    found = json.loads(to_json_text(rows(example(), depth=1)))
    conv_in = next(row for row in found if row["path"] == "conv_in")
    assert conv_in["parameters"] == 224
    assert conv_in["outputs"] == [{"name": "conv2d", "shape": [1, 8, 16, 16], "dtype": "float32"}]


def test_entries_have_both_moments() -> None:
    first = json.loads(to_json_text(ledger(example()).entries))[0]
    assert first["pushed"]["line"] == 72
    assert first["popped"]["block"] == "up.0.block.1"
    assert first["joins"][0]["join"] == "cat"


def test_each_record_is_a_line() -> None:
    assert len(to_json_text(rows(example())).splitlines()) == len(rows(example())) + 2


def test_nothing_is_an_empty_list() -> None:
    assert json.loads(to_json_text(())) == []


def test_a_mapping_is_an_object_with_a_member_a_line_and_a_record_a_line() -> None:
    text = to_json_text({"model": "UNet", "total": {"flops": 2}, "rows": [{"a": 1}, {"a": 2}]})
    assert json.loads(text) == {
        "model": "UNet",
        "total": {"flops": 2},
        "rows": [{"a": 1}, {"a": 2}],
    }
    assert text.splitlines() == [
        "{",
        '"model": "UNet",',
        '"total": {"flops":2},',
        '"rows": [',
        '{"a":1},',
        '{"a":2}',
        "]",
        "}",
    ]
