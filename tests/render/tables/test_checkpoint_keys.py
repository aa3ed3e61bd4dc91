"""The table of keys that do not fit."""

from __future__ import annotations

from textwrap import dedent

from tracer.render.formats.plain import to_plain
from tracer.render.tables.checkpoint_keys import state_table
from tracer.snapshot import TensorSpec
from tracer.snapshot.diff.state_dict_comparison import compare_state_dicts

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
    assert to_plain(state_table(compare_state_dicts(MODEL, file))) == dedent(
        """\
                       block        keys                                   model  file
        -------------  -----------  -------------------------------------  -----  -----
        missing        mid          q.weight, q.bias, k.weight and 1 more
        missing        (the model)  scale                                  [4]
        unexpected     old          a.weight                                      [4 4]
        unexpected     mid          v                                             [4]
        another shape  conv         weight                                 [4 4]  [4]

        1 key fits; 5 missing, 2 unexpected, 1 key with a different shape.
        """
    )


def test_dtypes_are_converted_and_no_trouble() -> None:
    half = {key: TensorSpec(spec.shape, "float16") for key, spec in MODEL.items()}
    found = compare_state_dicts(MODEL, half)
    assert found.problems == ()
    assert state_table(found).summary == (
        "All 7 keys fit, and the file holds no others.",
        "7 keys will be converted from float16 to float32.",
    )


def test_a_prefix_that_would_help_is_proposed() -> None:
    wrapped = {f"module.{key}": spec for key, spec in MODEL.items()}
    hint = '7 keys would be found with "--prefix module.".'
    assert state_table(compare_state_dicts(MODEL, wrapped)).summary[-1] == hint
    assert compare_state_dicts(MODEL, wrapped, "module.").problems == ()
    hint = "7 keys would be found without --prefix."
    assert state_table(compare_state_dicts(MODEL, MODEL, "net.")).summary[-1] == hint


def test_only_keys_with_the_prefix_count() -> None:
    several = {f"net.{key}": spec for key, spec in MODEL.items()} | {"optimizer.step": VECTOR}
    found = compare_state_dicts(MODEL, several, "net.")
    assert (found.problems, found.matching) == ((), 7)
