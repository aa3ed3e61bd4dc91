"""tracer/render/tables/failing_size.py: why a size fails, in sentences."""

from __future__ import annotations

from dataclasses import replace

from tests.render.laws import BATCH, CAUSE, ERROR, FAILS, HEIGHT
from tracer.analysis.size_rules import Cause
from tracer.analysis.value_origin import ExternalTensor, StepLocation
from tracer.record import Value
from tracer.render.formats.plain import to_plain
from tracer.render.tables.failing_size import failing_size_table
from tracer.sizing.explanation import Advice


def test_a_size_that_fails_is_told_in_the_terms_of_the_unet() -> None:
    assert to_plain(failing_size_table(FAILS)) == (
        "ToyUNet (unet.py:ToyUNet) fails at x 1×3×15×16\n"
        "\n"
        "cat before up.0.block.0 at models/unet.py:83 joins 15 with 14 in dimension 2 (H):\n"
        "  the skip 1×8×15×16, the output of down.0.block, pushed on hs at models/unet.py:74,\n"
        "  and 1×16×14×16 from up.1.upsample at models/blocks.py:51.\n"
        "The sizes first differ in down.0.downsample at models/blocks.py:75: "
        "conv2d turned 15 into 7.\n"
        f"{ERROR}\n"
        "Nearest sizes that work: H = 14 or 16 (H: multiples of 2, at least 2).\n"
        "It works with padding: F.pad(x, (0, 0, 0, 1)), then [..., 0:15, 0:16] of the result.\n"
    )


def test_a_size_that_works_is_told_in_the_title() -> None:
    table = failing_size_table(replace(FAILS, cause=None, advice=(), padding=()))
    assert table.title == "ToyUNet (unet.py:ToyUNet) works at x 1×3×15×16"
    assert table.summary == ()


def test_an_operation_that_is_no_join_is_told_with_its_place() -> None:
    cause = Cause(15, "RuntimeError: too small", "pad", StepLocation("mid", "unet.py", 9))
    first, second, *_ = failing_size_table(replace(FAILS, cause=cause)).summary
    assert (first, second) == ("pad in mid at unet.py:9 raised:", "RuntimeError: too small")


def test_what_the_model_raised_itself_is_told_as_its_own() -> None:
    cause = Cause(15, "ValueError: uneven", None, StepLocation("", "unet.py", 9))
    first, *_ = failing_size_table(replace(FAILS, cause=cause)).summary
    assert first == "The model's own code in the model itself at unet.py:9 raised:"


def test_without_a_size_that_works_it_says_so() -> None:
    table = failing_size_table(replace(FAILS, advice=(), padding=()))
    assert table.summary[-1] == ("No nearby size works, so the size is probably not the cause.")


def test_inputs_that_work_are_told_where_no_size_mends_it() -> None:
    works = (Value("x", (1, 8, 16, 16), "float32"), Value("t", (), "int64"))
    table = failing_size_table(replace(FAILS, advice=(), padding=(), works_at=works))
    assert table.summary[-1] == "The model works at x 1×8×16×16, t scalar."


def test_sizes_on_one_side_alone_are_told_alone() -> None:
    advice = (Advice("H", 15, None, 16, HEIGHT), Advice("B", 3, 2, None, BATCH))
    table = failing_size_table(replace(FAILS, advice=advice, padding=()))
    assert table.summary[-1] == (
        "Nearest sizes that work: H = 16, B = 2 (H: multiples of 2, at least 2; B: any)."
    )


def test_sizes_that_have_to_be_equal_are_told_so() -> None:
    advice = (Advice("W", 16, 15, None, replace(HEIGHT, name="W", tied_to="H")),)
    table = failing_size_table(replace(FAILS, advice=advice, padding=()))
    assert table.summary[-1].endswith("(W: equal to H, multiples of 2, at least 2).")


def test_what_is_no_skip_is_called_what_it_is() -> None:
    mismatch = CAUSE.mismatch
    assert mismatch is not None
    bare = replace(
        mismatch,
        source=ExternalTensor("weight", "table"),
        other_source=ExternalTensor("input", "x"),
    )
    table = failing_size_table(replace(FAILS, cause=replace(CAUSE, mismatch=bare)))
    assert table.summary[1:3] == (
        "  the weight table 1×8×15×16, whose size does not depend on the inputs,",
        "  and the input x 1×16×14×16.",
    )


def test_a_join_that_is_not_observed_is_told_by_what_made_it() -> None:
    mismatch = CAUSE.mismatch
    assert mismatch is not None
    bare = replace(
        mismatch, stack=None, rounding=None, target=None, other_origin=StepLocation("", None, None)
    )
    table = failing_size_table(replace(FAILS, cause=replace(CAUSE, mismatch=bare), axes={}))
    assert table.summary[:3] == (
        "cat in the model itself at models/unet.py:83 joins 15 with 14 in dimension 2:",
        "  the skip 1×8×15×16, the output of down.0.block, made at models/unet.py:74,",
        "  and 1×16×14×16.",
    )
