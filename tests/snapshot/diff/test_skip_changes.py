"""What differs between skips: their ends, their joins, their shapes."""

from __future__ import annotations

from dataclasses import replace

from tests.example import example
from tests.snapshot.diff.test_comparison import begins, told, without
from tracer.snapshot import SkipSpec, Snapshot, TensorSpec, snapshot_of
from tracer.snapshot.diff import compare

TOY = snapshot_of(example())
LAST = TOY.skips[-1]


def with_last(**changes: object) -> Snapshot:
    """The toy with another last skip."""
    return replace(TOY, skips=(*TOY.skips[:-1], replace(LAST, **changes)))  # type: ignore[arg-type]


def test_skips_that_are_swapped_have_another_source() -> None:
    first, second, third = TOY.skips
    sources = replace(first, source=second.source), replace(second, source=first.source)
    assert begins(TOY, replace(TOY, skips=(*sources, third))) == [
        "changed skip up.0.block.1 source conv_in down.0.block",
        "changed skip up.0.block.0 source down.0.block conv_in",
    ]


def test_a_changed_source_is_named_as_each_model_names_it() -> None:
    def called(name: str) -> str:
        return name.replace("down", "encoder").replace("up", "decoder")

    first, second, third = TOY.skips
    sources = replace(first, source=second.source), replace(second, source=first.source), third
    blocks = tuple(replace(block, call=called(block.call)) for block in TOY.blocks)
    skips = (
        replace(skip, source=called(skip.source), target=called(skip.target)) for skip in sources
    )
    found = compare(TOY, replace(TOY, blocks=blocks, skips=tuple(skips), trace=None))
    assert [
        (one.old_name, one.name, one.before, one.after)
        for one in found.differences
        if one.part == "skip"
    ] == [
        ("up.0.block.1", "decoder.0.block.1", "conv_in", "encoder.0.block"),
        ("up.0.block.0", "decoder.0.block.0", "down.0.block", "conv_in"),
    ]


def test_the_order_of_a_concatenation_counts() -> None:
    turned = with_last(operands=tuple(reversed(LAST.operands)))
    assert begins(TOY, turned) == [
        "changed skip up.1.block.0 join cat(h 16, skip 16) cat(skip 16, h 16)"
    ]


def test_another_kind_of_join_is_a_difference() -> None:
    assert begins(TOY, with_last(join="add", operands=())) == [
        "changed skip up.1.block.0 join cat(h 16, skip 16) add"
    ]


def test_what_is_done_on_the_way_counts() -> None:
    assert begins(TOY, with_last(via=("crop",))) == [
        "changed skip up.1.block.0 done on the way crop"
    ]


def test_a_skip_that_is_gone_and_one_that_is_new() -> None:
    fewer = replace(TOY, skips=TOY.skips[:-1])
    ends = "down.0.downsample -> up.1.block.0"
    assert begins(TOY, fewer) == [f"removed skip up.1.block.0 skip {ends}"]
    assert begins(fewer, TOY) == [f"added skip up.1.block.0 skip {ends}"]


def test_a_skip_that_is_no_longer_joined() -> None:
    left = with_last(target="", join=None, operands=())
    assert begins(TOY, left) == [
        "changed skip up.1.block.0 target up.1.block.0 (not joined)",
        "changed skip up.1.block.0 join cat(h 16, skip 16) none",
    ]


def test_other_sizes_follow_from_blocks_that_differ() -> None:
    other = TensorSpec((1, 32, 8, 8), "float32")
    wider = with_last(tensor=other, operands=("h 16", "skip 32"))
    assert len(begins(TOY, wider)) == 2
    blocks = tuple(replace(b, parameters=b.parameters + 1) for b in wider.blocks)
    found = compare(TOY, replace(wider, blocks=blocks))
    assert not [one for one in told(found.root_causes) if " skip " in one]


def test_a_skip_of_a_block_that_is_gone_follows() -> None:
    gone = without(TOY, "down.0.downsample")
    moved = replace(LAST, source="down.0.block")
    found = compare(TOY, replace(gone, skips=(*gone.skips[:-1], moved)))
    assert told(found.root_causes) == ["removed block down.0.downsample block Conv2d"]


def test_renamed_blocks_keep_their_skips() -> None:
    def name(text: str) -> str:
        return text.replace("down.0.downsample", "down.0.pool")

    def skip(one: SkipSpec) -> SkipSpec:
        return replace(one, source=name(one.source), target=name(one.target))

    blocks = tuple(replace(b, call=name(b.call)) for b in TOY.blocks)
    other = replace(TOY, blocks=blocks, skips=tuple(map(skip, TOY.skips)))
    assert begins(TOY, other) == ["renamed block down.0.pool name down.0.downsample down.0.pool"]
