"""tracer/render/tables/join_text.py: how a skip is said to join the main path."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.example import example, links
from tracer.analysis.skips import SkipLink
from tracer.record import Dim, Value
from tracer.render.tables.join_text import channel_sums, join_kinds, skip_comes_first


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


def in_code_order(found: SkipLink, *names: str) -> SkipLink:
    """The link of a join whose operands stand so in the code."""
    values = {"h": found.joined, "skip": found.operand}
    return replace(found, operands=tuple(values[name] for name in names))


def test_the_operands_stand_in_the_order_of_the_code() -> None:
    assert channel_sums([in_code_order(CAT, "h", "skip")]) == "512 + 256 = 768"
    assert channel_sums([in_code_order(CAT, "skip", "h")]) == "256 + 512 = 768"
    assert channel_sums([in_code_order(CAT, "skip", "h")], labeled=True) == (
        "skip 256 + h 512 = 768"
    )


def test_it_is_known_which_operand_comes_first() -> None:
    assert skip_comes_first(in_code_order(CAT, "skip", "h"))
    assert not skip_comes_first(in_code_order(CAT, "h", "skip"))
    assert not skip_comes_first(CAT)
