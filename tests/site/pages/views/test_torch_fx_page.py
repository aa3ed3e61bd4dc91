"""tracer/site/pages/views/torch_fx_page.py: two graphs of a block side by side."""

from __future__ import annotations

import json

from tracer.site.pages.views.torch_fx_page import FxNode, side_by_side, torch_fx_view
from tracer.site.pages.words import EN

SYMBOLIC = (
    FxNode("call_module", "norm", "norm", "1×8"),
    FxNode("call_module", "dropout", "dropout", "1×8"),
    FxNode("call_function", "add", "", "1×8"),
)
RECORDED = (
    FxNode("get_attr", "norm.weight", "", "8"),
    FxNode("call_function", "group_norm", "norm", "1×8"),
    FxNode("call_function", "add", "", "1×8"),
)


def test_a_module_stands_beside_the_operations_in_it() -> None:
    rows = list(side_by_side(SYMBOLIC, RECORDED))
    assert [(one and one.target, two and two.target) for one, two in rows] == [
        ("norm", "group_norm"),
        ("dropout", None),
        ("add", "add"),
    ]


def test_the_table_has_a_row_per_pair_and_the_view_what_stops() -> None:
    nodes = [
        [{"op": n.op, "target": n.target, "module": n.module, "shape": n.shape} for n in graph]
        for graph in (SYMBOLIC, RECORDED)
    ]
    stop = {"name": "A", "code": "class A: ...", "error": "TypeError: no", "made": ""}
    record = {"torch": "2", "symbolic": nodes[0], "recorded": nodes[1], "nodes": 3}
    record |= {"operations": 2, "stops": [stop]}
    view = torch_fx_view(json.dumps(record).encode(), EN)
    assert view.table.count("<tr>") == 4
    assert view.record.stops[0].error == "TypeError: no"
