"""tracer/render/tables/path_filters.py: which blocks a reader means by a pattern."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.example import example
from tracer.errors import TraceError
from tracer.render.tables.path_filters import matches_any, require_matches


@pytest.mark.parametrize(
    ("pattern", "call"),
    [
        ("mid.attn", "mid.attn"),
        ("mid.attn", "mid.attn.qkv"),
        ("mid", "mid.attn.qkv"),
        ("mid.*", "mid.attn"),
        ("*.attn", "mid.attn.qkv"),
        ("down.?", "down.0.block"),
        ("down.[01].block", "down.1.block.conv"),
        ("*.a*n", "mid.attn"),
        ("**.conv", "up.0.block.0.conv"),
        ("**.conv", "conv"),
        ("**", "conv_in"),
        ("mid.**", "mid.attn"),
        ("mid.block", "mid.block@1"),
        ("mid.block@1", "mid.block@1"),
        ("mid.block@0", "mid.block"),
    ],
)
def test_a_pattern_means_what_it_fits_and_all_below(pattern: str, call: str) -> None:
    assert matches_any(call, [pattern])


@pytest.mark.parametrize(
    ("pattern", "call"),
    [
        ("mid.attn", "mid"),
        ("mid.att", "mid.attn"),
        ("attn", "mid.attn"),
        ("*", ""),
        ("*.conv", "conv"),
        ("*.conv", "up.0.block.0.conv"),
        ("Mid", "mid"),
        ("mid.block@1", "mid.block"),
        ("mid.block@1", "mid.block@2"),
        ("mid.attn.**.x", "mid.attn"),
    ],
)
def test_a_pattern_does_not_mean_anything_else(pattern: str, call: str) -> None:
    assert not matches_any(call, [pattern])


def test_one_of_several_patterns_is_enough_and_none_mean_nothing() -> None:
    assert matches_any("up.0", ["mid", "up"])
    assert not matches_any("up.0", [])


def test_the_inside_of_the_model_itself_fits_any_number_of_names() -> None:
    assert matches_any("", ["**"])


@pytest.mark.parametrize(
    ("pattern", "hint"),
    [
        ("dwon.*", 'Did you mean "down"?'),
        ("**.blok", 'Did you mean "block"?'),
        ("mid.atn", 'Did you mean "mid.attn"?'),
        ("zzz", "Available: embed, conv_in, down, mid, up, conv_out."),
    ],
)
def test_a_pattern_that_nothing_fits_is_told_with_what_is_near(pattern: str, hint: str) -> None:
    with pytest.raises(TraceError) as caught:
        require_matches(["mid.*", pattern], example().blocks, example())
    assert str(caught.value) == (
        f'No block of ToyUNet matches "{pattern}", where * stands for one name of a path '
        "and ** for any number of names. "
        f"{hint}"
    )


def test_patterns_that_something_fits_are_no_error() -> None:
    require_matches(["mid.*", "**.conv", "down"], example().blocks, example())


def test_where_the_model_never_got_there_that_is_told() -> None:
    trace = replace(example(), notes=("the model failed after these operations: KeyError: 1",))
    with pytest.raises(TraceError, match="after these operations: KeyError: 1"):
        require_matches(["mide"], trace.blocks, trace)
