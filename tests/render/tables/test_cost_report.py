"""tracer/render/tables/cost_report.py, cost_json.py: the costs of a trace, shown and as data."""

from __future__ import annotations

import json

import pytest

from tests.example import example, symbolic_example
from tests.render.symbolic_costs import symbolic_trace
from tracer.errors import TraceError
from tracer.render.formats.json_text import to_json_text
from tracer.render.formats.terminal import fit, table_width
from tracer.render.tables.cost_report import report_costs
from tracer.render.tables.visible_rows import RowSelection


def test_blocks_levels_and_operations_are_told_and_the_sums_stand_last() -> None:
    report = report_costs(example())
    assert [table.title for table in report.tables] == [
        "ToyUNet (tests/toy_unet.py:ToyUNet)",
        "By level",
        "By operation",
    ]
    assert [len(table.summary) for table in report.tables[1:]] == [0, 6]


@pytest.mark.parametrize("side", ["block", "level", "operation"])
def test_one_table_by_itself_has_the_sums(side: str) -> None:
    (table,) = report_costs(example(), by=[side]).tables
    assert table.summary[-2].startswith("Not counted")


def test_as_data_there_are_all_numbers() -> None:
    found = json.loads(to_json_text(report_costs(example()).record))
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
    record = report_costs(example(), view, ["block"]).record
    assert [one["path"] for one in record["blocks"]] == [
        "mid",
        "mid.block",
        "mid.attn",
        "mid.block",
    ]
    assert "levels" not in record


def test_a_report_of_formulas_has_blocks_and_operations_and_no_levels() -> None:
    report = report_costs(symbolic_trace())
    assert [table.title for table in report.tables] == [
        "ToyUNet (tests/toy_unet.py:ToyUNet)",
        "By operation",
    ]
    assert report.record["total"]["flops"].startswith("4*B*H**2*W**2")
    assert report.record["growth"]["from"] == {"H": 16, "W": 16}
    assert report.record["blocks"][0]["kind"] == "ToyUNet"
    assert report.record["operations"][0]["multiply_adds"] == "2*B*H**2*W**2"
    with pytest.raises(TraceError, match="Costs by level are not available as formulas"):
        report_costs(symbolic_trace(), by=["level"])


def test_formulas_fit_a_terminal_of_80_cells() -> None:
    for table in report_costs(symbolic_trace()).tables:
        assert table_width(fit(table, 80)) <= 80


def test_formulas_without_symbols_have_no_cost_and_that_is_said() -> None:
    with pytest.raises(TraceError, match=r"formulas for sizes.* Trace with numbers"):
        report_costs(symbolic_example())
