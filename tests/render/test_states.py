"""The table of keys that do not fit."""

from __future__ import annotations

from textwrap import dedent

from tracer.blueprints import TensorSpec
from tracer.comparison.states import compare_states
from tracer.render.plain import to_plain
from tracer.render.states import state_table

VECTOR, MATRIX = TensorSpec((4,), "float32"), TensorSpec((4, 4), "float32")
MODEL = {
    "conv.weight": MATRIX,
    "conv.bias": VECTOR,
    "mid.q.weight": MATRIX,
    "mid.q.bias": VECTOR,
    "mid.k.weight": MATRIX,
    "mid.k.bias": VECTOR,
    "scale": VECTOR,
}


def test_keys_of_a_block_that_all_have_one_trouble_take_one_row() -> None:
    file = {"conv.weight": VECTOR, "conv.bias": VECTOR, "old.a.weight": MATRIX, "mid.v": VECTOR}
    assert to_plain(state_table(compare_states(MODEL, file))) == dedent(
        """\
                       block        keys    model  file
        -------------  -----------  ------  -----  -----
        missing        mid          4 keys
        missing        (the model)  scale   [4]
        unexpected     old          a.weight         [4 4]
        unexpected     mid          v              [4]
        another shape  conv         weight  [4 4]  [4]

        1 key fits; 5 missing, 2 unexpected, 1 key of another shape.
        """
    ).replace("keys    model  file", "keys      model  file").replace(
        "------  -----  -----", "--------  -----  -----"
    ).replace("4 keys\n", "4 keys\n").replace("scale   [4]", "scale     [4]").replace(
        "v              [4]", "v                [4]"
    ).replace("weight  [4 4]", "weight    [4 4]")
