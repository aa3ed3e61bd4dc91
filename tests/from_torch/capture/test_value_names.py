"""tracer/from_torch/capture/value_names.py: the names that a graph would have, made late."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from tests.conftest import examples
from tracer.from_torch.capture.value_names import NodeName, NodeNames
from tracer.from_torch.private_torch import GraphNamespace

WANTED = st.sampled_from(
    ("relu", "relu_1", "relu_2", "relu_1_2", "layer.norm", "layer_norm", "sum", "_1", "1", "x.0")
)


@examples(200)
@given(st.lists(st.tuples(WANTED, st.booleans()), max_size=12))
@example([("relu_1", False), ("relu", True), ("relu", True)])
@example([("layer.norm", False), ("layer_norm", True)])
def test_names_are_those_of_a_graph_whenever_they_are_read(asked: list[tuple[str, bool]]) -> None:
    namespace, names = GraphNamespace(), NodeNames()
    nodes: list[NodeName] = []
    for wanted, is_read in asked:
        nodes.append(names.add(wanted))
        if is_read:
            assert nodes[-1].name
    assert [node.name for node in nodes] == [namespace.create_name(w, None) for w, _ in asked]
