"""tracer/render/tables/cost_report.py: all that is told about costs."""

from __future__ import annotations

import json

import pytest

from tests.example import example, symbolic_example
from tracer.errors import TraceError
from tracer.render.formats.json_text import to_json_text
from tracer.render.tables.cost_report import cost_report
from tracer.render.tables.visible_rows import RowSelection


def test_blocks_levels_and_operations_are_told_and_the_sums_stand_last() -> None:
    report = cost_report(example())
    assert [table.title for table in report.tables] == [
        "ToyUNet (tests/toy_unet.py:ToyUNet)",
        "By level",
        "By operation",
    ]
    assert [len(table.summary) for table in report.tables[1:]] == [0, 5]


@pytest.mark.parametrize("side", ["block", "level", "operation"])
def test_one_table_by_itself_has_the_sums(side: str) -> None:
    (table,) = cost_report(example(), sides=[side]).tables
    assert table.summary[-1].startswith("Not counted")


def test_as_data_there_are_all_numbers() -> None:
    found = json.loads(to_json_text(cost_report(example()).record))
    assert found["total"]["flops"] == 2 * found["total"]["multiply_adds"] == 5_122_304
    assert found["total"]["uncounted"] == {"add": 13, "interpolate": 1}
    assert found["peak"] == {"step": 37, "block": "", "bytes": 60488, "skips": 8192}
    (conv_in,) = (one for one in found["blocks"] if one["call"] == "conv_in")
    assert (conv_in["parameters"], conv_in["flops"]) == (224, 110592)
    assert found["levels"][2]["resolution"] == [8, 8]
    assert found["levels"][2]["scale"] == [0.5, 0.5]
    assert found["levels"][-1]["resolution"] is None
    assert sum(one["flops"] for one in found["levels"]) == found["total"]["flops"]
    assert sum(one["flops"] for one in found["operations"]) == found["total"]["flops"]


def test_data_is_of_what_was_asked_for() -> None:
    view = RowSelection(paths=("mid",), context=False, depth=2)
    record = cost_report(example(), view, ["block"]).record
    assert [one["path"] for one in record["blocks"]] == [
        "mid",
        "mid.block",
        "mid.attn",
        "mid.block",
    ]
    assert "levels" not in record


def test_a_trace_in_formulas_has_no_cost_and_that_is_said() -> None:
    with pytest.raises(TraceError, match=r"formulas for sizes.* Trace with numbers"):
        cost_report(symbolic_example())
