"""tracer/render/diagram/readable_depth.py: how far blocks are expanded by default."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import examples
from tests.render import unet_kinds as kinds
from tests.render.drawn import Drawn, overlaps, read
from tests.render.ladders import ladder
from tests.render.unet_kinds import Subject
from tracer.render.diagram.dot import digraph
from tracer.render.diagram.readable_depth import ReadableDepth, find_readable_depth
from tracer.render.tables.visible_rows import RowSelection

FOLDED = RowSelection(fold=True)

READABLE_AS_A_WHOLE: dict[str, Subject] = {
    "plain": kinds.plain(),
    "volume": kinds.plain(3, (16, 16, 16)),
    "signal": kinds.plain(4, (256,)),
    "deep ladder": ladder(6, 2),
    "two in a cascade": kinds.cascade(2),
    "two hourglasses": kinds.hourglasses(2),
    "side outputs": kinds.side_outputs(),
    "fused outputs": kinds.fused_outputs(),
    "dense": kinds.dense(),
    "resized inputs": kinds.resized_inputs(),
    "levels as blocks": kinds.levels_as_blocks(),
}
TOO_LARGE_AS_A_WHOLE: dict[str, tuple[Subject, ReadableDepth]] = {
    "nested": (kinds.nested(), ReadableDepth(1, "enc.0")),
    "nested and wrapped": (kinds.nested(wrapped=True), ReadableDepth(2, "net.enc.0")),
    "many in a cascade": (kinds.cascade(12), ReadableDepth(1, "nets.0")),
    "many hourglasses": (kinds.hourglasses(12), ReadableDepth(1, "stacks.0")),
}
KINDS = READABLE_AS_A_WHOLE | {name: one for name, (one, _) in TOO_LARGE_AS_A_WHOLE.items()}


def drawn(subject: Subject, depth: int | None = None) -> Drawn:
    trace, links = subject
    return read(digraph(trace, links=links, view=RowSelection(depth, fold=True)).source)


def drawn_by_default(subject: Subject) -> Drawn:
    found = find_readable_depth(*subject, FOLDED)
    return drawn(subject, found.depth if found else None)


@pytest.mark.parametrize("name", READABLE_AS_A_WHOLE)
def test_what_is_readable_as_a_whole_is_expanded_as_a_whole(name: str) -> None:
    assert find_readable_depth(*READABLE_AS_A_WHOLE[name], FOLDED) is None


@pytest.mark.parametrize("name", TOO_LARGE_AS_A_WHOLE)
def test_the_greatest_readable_depth_is_taken_otherwise(name: str) -> None:
    subject, depth = TOO_LARGE_AS_A_WHOLE[name]
    assert find_readable_depth(*subject, FOLDED) == depth


@pytest.mark.parametrize("name", KINDS)
def test_each_resolution_has_one_band(name: str) -> None:
    bands = drawn_by_default(KINDS[name]).bands
    assert len(bands) == len(set(bands))


@pytest.mark.parametrize("name", KINDS)
def test_a_diagram_is_neither_tall_nor_wide(name: str) -> None:
    shorter, longer = sorted(drawn_by_default(KINDS[name]).size)
    assert longer <= 4 * shorter


@pytest.mark.parametrize("name", KINDS)
def test_nothing_overlaps_and_each_skip_has_a_label(name: str) -> None:
    require_legible(drawn_by_default(KINDS[name]))


def require_legible(found: Drawn) -> None:
    assert not overlaps(found.boxes)
    texts = {f"{number} {text}": one for number, (text, one) in enumerate(found.labels)}
    assert not overlaps(texts)
    boxes = {name: (left, top + 1, right, bottom - 1)
             for name, (left, top, right, bottom) in found.boxes.items()}  # fmt: skip
    assert not [pair for pair in overlaps(texts | boxes) if set(pair) & set(texts)]
    assert all("skip" in label or any(sign in label for sign in ("cat", "add"))
               for label in found.skips.values())  # fmt: skip


def test_nested_unets_are_a_u_of_closed_blocks() -> None:
    subject, _ = TOO_LARGE_AS_A_WHOLE["nested"]
    found = drawn(subject, 1)
    assert list(found.skips) == ["n_enc_1 -> n_fuse_1", "n_enc_0 -> n_fuse_0"]
    encoder = [found.boxes[f"n_enc_{level}"] for level in range(2)]
    decoder = [found.boxes[f"n_dec_{level}"] for level in range(2)]
    assert max(right for _, _, right, _ in encoder) < min(left for left, *_ in decoder)


def test_unets_that_follow_one_another_are_side_by_side() -> None:
    found = drawn(kinds.cascade(2))
    columns = [
        {found.boxes[f"n_nets_{number}_{part}_{level}"][0] for level in range(2)}
        for number in range(2)
        for part in ("enc", "dec")
    ]
    assert all(len(column) == 1 for column in columns)
    assert [*map(min, columns)] == sorted(map(min, columns))
    rows = {found.boxes[f"n_nets_{number}_enc_1"][1] for number in range(2)}
    assert len(rows) == 1


def test_side_outputs_are_beside_their_level() -> None:
    found = drawn(kinds.side_outputs())
    for level in range(3):
        (_, head, *_), (_, decoder, *_) = (
            found.boxes[f"n_heads_{level}"], found.boxes[f"n_dec_{level}"],
        )  # fmt: skip
        assert 0 < decoder - head < 60


@pytest.mark.parametrize("depth", [1, 2])
def test_a_block_that_downsamples_is_at_the_level_of_what_it_pushes(depth: int) -> None:
    found = drawn(kinds.levels_as_blocks(), depth)
    if depth == 1:
        heights = [(found.boxes[f"n_down_{n}"][1], found.boxes[f"n_up_{n}"][1]) for n in range(3)]
        assert all(down == up for down, up in heights)
    require_legible(found)


def test_a_request_for_a_depth_or_for_paths_is_not_changed() -> None:
    subject, _ = TOO_LARGE_AS_A_WHOLE["nested"]
    for view in (RowSelection(depth=9), RowSelection(paths=("enc.*",))):
        assert find_readable_depth(*subject, view) is None


def test_the_same_trace_always_gives_the_same_depth() -> None:
    assert find_readable_depth(*kinds.nested(), FOLDED) == find_readable_depth(
        *kinds.nested(), FOLDED
    )


SMALL = st.integers(1, 4)
ANY_KIND: st.SearchStrategy[Callable[[], Subject]] = st.one_of(
    st.builds(lambda levels: lambda: kinds.plain(levels), st.integers(2, 5)),
    st.builds(lambda a, b: lambda: kinds.nested(a, b), st.integers(2, 3), st.integers(2, 3)),
    st.builds(lambda a, b: lambda: kinds.cascade(a, b), SMALL, st.integers(2, 4)),
    st.builds(lambda a, b: lambda: kinds.hourglasses(a, b), SMALL, st.integers(2, 4)),
    st.builds(lambda levels: lambda: kinds.side_outputs(levels), st.integers(2, 5)),
    st.builds(lambda levels: lambda: kinds.fused_outputs(levels), st.integers(2, 5)),
    st.builds(lambda levels: lambda: kinds.dense(levels), st.integers(2, 4)),
    st.builds(lambda a, b: lambda: kinds.levels_as_blocks(a, b), st.integers(1, 4), SMALL),
)


@examples(40)
@given(ANY_KIND, st.sampled_from([None, 1]))
def test_any_unet_is_legible_at_its_default_depth_and_at_depth_1(
    kind: Callable[[], Subject], depth: int | None
) -> None:
    found = drawn_by_default(kind()) if depth is None else drawn(kind(), depth)
    require_legible(found)
    assert len(found.bands) <= 2 * len(set(found.bands))
