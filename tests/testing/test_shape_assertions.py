"""Assertions about the shapes of a model: what holds passes, and all that does not is told."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent
from typing import Any

import pytest

import tracer
from tests.example import example, symbolic_example
from tests.test_no_torch import imports_torch
from tracer.record import Symbol, Trace

TRACE = example()
Expected = dict[str, str | list[str]]


def said(expected: Expected, trace: Trace = TRACE) -> str:
    """What the assertion says; it has to fail."""
    with pytest.raises(AssertionError) as error:
        tracer.assert_shapes(trace, expected)
    return str(error.value)


@pytest.mark.parametrize(
    "expected",
    [
        {"mid.attn": "1 16 8 8"},
        {"out: mid.attn": "b 16 h w"},
        {"in: mid.attn": "b 16 h w"},
        {"in: mid.block": "b 16 h w, b 16"},
        {"in: mid.block": ["b 16 h w", "..."]},
        {"mid.block": "b c h w, b _ -> b c h w"},
        {"in:": "b 3 h w, i64[]", "out:": "b 3 h w"},
        {"": "b 3 h w, [] -> b 3 h w"},
        {"in:": "b 3 h w, ...", "mid.attn": "b 16 h/2 w/2", "mid.attn.qkv": "b (h/2 w/2) 3*16"},
        {"up.*.block.*": "b _ ..."},
        {"up.1.block.0": "b c h w", "up.1.upsample": "b c 2*h 2*w"},
        {"hs[0]": "b 8 h w", "hs[2]": "b 16 h/2 w/2"},
        {"hs[-1]": "1 16 8 8"},
        {"hs[*]": "b _ ..."},
        {"cat: up.1.block.0": "b 16+16 h w"},
        {"cat: up.0.block.0": "b 16+8 h w", "cat: up.0.block.1": "b 8+8 h w"},
        {"cat: up.*.block.*": "b _+_ ..."},
        {"cat: up.0.block.0": "b c1 h w, b c2 h w -> b c1+c2 h w"},
        {"conv_in": "f32[b 8 h w]"},
        {"conv_in": "float[*any]", "conv_out": "*other"},
        {"in: mid.attn": "*rest", "out: mid.attn": "*rest"},
    ],
    ids=str,
)
def test_what_holds_passes(expected: Expected) -> None:
    tracer.assert_shapes(TRACE, expected)


def test_everything_that_does_not_hold_is_told_at_once() -> None:
    expected: Expected = {
        "in:": "b 3 h w, i32[]",
        "conv_in": "b 16 h w",
        "mid.attn": "b 16 h/4 w/2",
        "up.*.upsample": "b 16 h",
        "cat: up.1.block.0": "b 8+24 h/2 w/2",
        "mid.atn": "b c h w",
        "up.*.norm": "...",
        "hs[3]": "b 16 h w",
        "skips[0]": "b 16 h w",
        "add: conv_out": "b 16 h w",
        "out:": "b 3 h w, b",
    }
    assert said(expected) == dedent(
        """\
        12 of 14 shapes of ToyUNet are not as expected.

        in: t
          expected  i32[]
          found     i64[], the input t
          dtype: int32 expected, int64 found

        conv_in
          expected  b 16 h w
          found     [1 8 16 16], made by conv2d at tests/toy_unet.py:72
          axis 1: 16 expected, 8 found

        mid.attn
          expected  b 16 h/4 w/2
          found     [1 16 8 8], made by add at tests/toy_unet.py:38
          axis 2: h/4 = 4 expected, 8 found

        up.1.upsample (up.*.upsample)
          expected  b 16 h
          found     [1 16 16 16], made by conv2d at tests/toy_unet.py:48
          axes: 3 expected, 4 found

        cat: up.1.block.0, operand 0
          expected  b 8 h/2 w/2, of b 8+24 h/2 w/2
          found     [1 16 8 8], made by add at tests/toy_unet.py:24
          axis 1: 8 expected, 16 found

        cat: up.1.block.0, operand 1
          expected  b 24 h/2 w/2, of b 8+24 h/2 w/2
          found     [1 16 8 8], made by conv2d at tests/toy_unet.py:75
          axis 1: 24 expected, 16 found

        mid.atn: no block has this path. Did you mean "mid.attn"?

        up.*.norm: no block matches. Blocks in up.*: block, upsample.

        hs[3]: only 3 tensors were pushed on hs, numbered 0 to 2

        skips[0]: there is no list skips. Available: hs.

        add: conv_out: nothing is added right before any block

        out: 2 outputs expected, 1 found: [1 3 16 16]

        where h = 16  from in: x, axis 2"""
    )


def test_a_name_says_where_it_was_bound() -> None:
    text = said({"mid.attn": "b c h/2 w/2", "conv_in": "b c h w", "up.1.upsample": "b c h 2*w"})
    assert text.endswith(
        "axis 1: c = 16 expected, 8 found\n\n"
        "up.1.upsample\n"
        "  expected  b c h 2*w\n"
        "  found     [1 16 16 16], made by conv2d at tests/toy_unet.py:48\n"
        "  axis 3: 2*w = 32 expected, 16 found\n\n"
        "where c = 16  from mid.attn, axis 1\n"
        "      w = 16  from conv_in, axis 3"
    )


def test_a_name_that_arithmetic_told_says_which() -> None:
    text = said({"mid.attn": "b c h/2 w", "conv_in": "b _ h-1 _"})
    assert text.endswith("where h = 16  from h/2 in mid.attn, axis 2")


def test_axes_under_one_name_are_the_same_everywhere() -> None:
    text = said({"conv_in": "*shape", "mid.attn": "*shape"})
    assert "  *shape[1] = 8 expected, 16 found" in text
    assert "where *shape[1] = 8   from conv_in" in text


def test_every_call_of_a_module_is_meant_unless_one_is_named() -> None:
    assert said({"mid.block": "b 8 ..."}).startswith("2 of 2 shapes")
    assert said({"mid.block@1": "b 8 ..."}).startswith("1 of 1 shapes of ToyUNet is not")


def test_a_trace_without_lines_says_why_it_has_no_list() -> None:
    bare = replace(TRACE, lines=())
    assert "hs[0]: the trace has no lines, so it shows no lists" in said({"hs[0]": "..."}, bare)


def test_lists_of_one_name_are_told_apart_by_their_block() -> None:
    lines = tuple(replace(line, block="mid.attn") for line in TRACE.lines if line.changes)
    several = replace(TRACE, lines=(*TRACE.lines, *lines))
    tracer.assert_shapes(several, {"hs[0]": "b 8 h w", "mid.attn.hs[0]": "b 8 h w"})
    lost = replace(TRACE, lines=(*lines, *(replace(line, block="mid.block") for line in lines)))
    assert "use one of mid.attn.hs, mid.block.hs" in said({"hs[0]": "..."}, lost)


def test_formulas_hold_for_every_size() -> None:
    symbols = (Symbol("B", 1), Symbol("H", 16, 4), Symbol("W", 16, 4))
    trace = replace(symbolic_example(), symbols=symbols)
    tracer.assert_shapes(
        trace,
        {
            "in:": "b 3 h w, []",
            "mid.attn": "b 16 h/2 w/2",
            "mid.attn.qkv": "b (h/2 w/2) 48",
            "cat: up.0.block.0": "b 16+8 h w",
        },
    )
    assert "no whole number c makes 16*c = H/2 at every size" in said(
        {"mid.attn": "_ _ 16*c _"}, trace
    )
    assert "axis 2: 8 expected, H/2 found" in said({"mid.attn": "_ _ 8 _"}, trace)
    assert "axis 2: h/4 = H/4 expected, H/2 found" in said(
        {"in:": "b 3 h w, []", "mid.attn": "b 16 h/4 w/2"}, trace
    )


def test_a_text_that_is_no_shape_is_an_error_of_the_test() -> None:
    with pytest.raises(ValueError, match=r'^mid.attn: Invalid shape "b h//2" at "//2"'):
        tracer.assert_shapes(TRACE, {"mid.attn": "b h//2"})
    with pytest.raises(
        ValueError, match=r"^in: mid.attn: this key selects no operation with inputs"
    ):
        tracer.assert_shapes(TRACE, {"in: mid.attn": "b c -> b c"})


@pytest.mark.parametrize(
    ("expected", "said"),
    [
        (
            {"mid.attn": (1, 16, 8, 8)},
            'mid.attn: expected a string such as "b 128 h w" as shape, not ',
        ),
        ({"mid.attn": None}, "mid.attn: expected a string"),
        ({7: "b"}, 'expected a string such as "down.0" as key, not 7'),
        ("b c h w", 'expected a dict such as {"out:": "b 3 h w"}'),
    ],
)
def test_what_is_no_text_is_an_error_of_the_test(expected: Any, said: str) -> None:
    with pytest.raises(TypeError) as error:
        tracer.assert_shapes(TRACE, expected)
    assert str(error.value).startswith(said)


def test_a_model_alone_is_no_subject() -> None:
    with pytest.raises(
        TypeError, match="a trace or a pair of a model and its inputs, not an object of type object"
    ):
        tracer.assert_shapes(object(), {"out:": "..."})  # type: ignore[arg-type]


def test_axes_that_were_parted_by_commas_are_told() -> None:
    assert said({"mid.attn": "b, c, h, w"}).endswith(
        "mid.attn: 4 outputs expected, 1 found: [1 16 8 8]. "
        "Commas separate tensors; separate the axes by spaces"
    )
    with pytest.raises(ValueError, match="commas separate tensors; separate the axes by spaces"):
        tracer.assert_shapes(TRACE, {"mid.attn": "[1, 16, 8, 8]"})
    with pytest.raises(ValueError, match="separate the axes by spaces"):
        tracer.assert_shapes(TRACE, {"mid.attn": "1x16x8x8"})


def test_a_family_of_dtypes_is_called_by_its_name() -> None:
    assert "  dtype: int expected, float32 found" in said({"mid.attn": "int[...]"})
    assert "  expected  []\n" in said({"mid.attn": ""})


def test_a_line_is_short_enough_for_a_terminal() -> None:
    steps = tuple(replace(step, file=f"a/{'long/' * 9}path.py") for step in TRACE.steps)
    text = said({"mid.attn": "b 3 h w"}, replace(TRACE, steps=steps))
    assert "  found     [1 16 8 8],\n            made by add at a/long/" in text


def test_a_model_with_its_inputs_is_traced() -> None:
    import reference_model

    model = reference_model.build("tiny")
    inputs = reference_model.example_inputs(model.config)
    tracer.assert_shapes((model, inputs), {"in:": "b 3 h w, b", "mid.attn_1": "b 64 h/4 w/4"})


def test_a_trace_is_checked_without_torch() -> None:
    code = """
from tests.example import example
import tracer
tracer.assert_shapes(example(), {"mid.attn": "b 16 h w"})
"""
    assert not imports_torch(code)
