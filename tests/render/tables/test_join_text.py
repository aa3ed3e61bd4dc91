"""tracer/render/tables/join_text.py: how a skip is said to join the main path."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.example import example, links
from tracer.analysis.skips import SkipLink
from tracer.record import Dim, Value
from tracer.render.tables.join_text import channel_sums, join_kinds


def link(
    main: tuple[Dim, ...], skip: tuple[Dim, ...], result: tuple[Dim, ...], join: str = "cat"
) -> SkipLink:
    joined, value, made = (Value(str(s), s, "float32") for s in (main, skip, result))
    return replace(links(example())[0], joined=joined, value=value, result=made, join=join)


CAT = link((1, 512, 8, 8), (1, 256, 8, 8), (1, 768, 8, 8))
ADD = link((1, 64, 8, 8), (1, 64, 8, 8), (1, 64, 8, 8), "add")


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (CAT, "512 + 256 = 768"),
        (ADD, "64 + 64"),
        (link((1, 64, 8), (1, 64, 8), (1, 192, 8)), "64 + 64 + 64 = 192"),
        (link((1, 64, 8), (1, 64, 8), (1, 64, 16)), "8 + 8 = 16"),
        (link(("B", "4*c", "H"), ("B", "2*c", "H"), ("B", "6*c", "H")), "4·c + 2·c = 6·c"),
    ],
    ids=["cat", "add", "cat of three", "another dimension", "formulas"],
)
def test_channels_are_summed_with_the_main_path_first(found: SkipLink, text: str) -> None:
    assert channel_sums([found]) == text


def test_the_joins_of_a_dense_skip_are_listed() -> None:
    assert channel_sums([CAT, ADD]) == "512 + 256 = 768; 64 + 64"
    assert join_kinds([CAT, ADD]) == "cat; add"
    assert join_kinds([CAT, CAT]) == "cat"
    assert channel_sums([]) == ""


def test_what_was_done_on_the_way_stands_before_the_join() -> None:
    assert join_kinds([replace(CAT, via=("pad", "mul"))]) == "pad, mul, cat"
