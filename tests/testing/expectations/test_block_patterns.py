"""Which blocks a path with wildcards means."""

from __future__ import annotations

import pytest

from tests.example import example
from tracer.testing.expectations.block_patterns import known_children, matching_blocks

BLOCKS = tuple(example().root.walk())


@pytest.mark.parametrize(
    ("path", "calls"),
    [
        ("mid.attn", ["mid.attn"]),
        ("mid.*", ["mid.block", "mid.attn", "mid.block@1"]),
        ("mid.block", ["mid.block", "mid.block@1"]),
        ("mid.block@0", ["mid.block"]),
        ("mid.block@1", ["mid.block@1"]),
        ("up.*.block.?", ["up.1.block.0", "up.0.block.0", "up.0.block.1"]),
        ("up.[01].upsample", ["up.1.upsample"]),
        ("**.qkv", ["mid.attn.qkv"]),
        ("up.1.**", ["up.1.block.0", "up.1.block.0.conv", "up.1.block.0.temb_proj"]),
        ("*", ["embed", "conv_in", "conv_out"]),
        ("", [""]),
        ("mid.atn", []),
    ],
)
def test_a_star_is_one_name_and_two_are_any_number(path: str, calls: list[str]) -> None:
    assert [block.call for block in matching_blocks(BLOCKS, path)][: len(calls) or None] == calls


def test_a_path_that_leads_nowhere_is_known_as_far_as_it_goes() -> None:
    assert known_children(BLOCKS, "up.*.blok.0") == ("up.*", ("block", "upsample"))
    start, names = known_children(BLOCKS, "middle")
    assert (start, names[:2]) == ("", ("embed", "conv_in"))
