"""What tells two models from each other, and with what it begins."""

from __future__ import annotations

from dataclasses import replace

from tests.example import example
from tests.sketch import Sketch, conv, residual
from tracer.snapshot import SizeRulesSpec, Snapshot, snapshot_of
from tracer.snapshot.diff import Difference, compare

TOY = snapshot_of(example())


def told(found: tuple[Difference, ...]) -> list[str]:
    """Differences in a line each."""
    return [
        " ".join(filter(None, (one.change, one.part, one.name, one.what, one.before, one.after)))
        for one in found
    ]


def begins(before: Snapshot, after: Snapshot) -> list[str]:
    return told(compare(before, after).root_causes)


def with_block(drawn: Snapshot, call: str, **changes: object) -> Snapshot:
    """The same model with one block changed."""
    blocks = (replace(b, **changes) if b.call == call else b for b in drawn.blocks)  # type: ignore[arg-type]
    return replace(drawn, blocks=tuple(blocks))


def without(drawn: Snapshot, start: str) -> Snapshot:
    """The same model without the blocks whose names begin so."""
    return replace(drawn, blocks=tuple(b for b in drawn.blocks if not b.call.startswith(start)))


def test_a_model_does_not_differ_from_itself() -> None:
    found = compare(TOY, TOY)
    assert found.same
    assert found.same_shapes


def test_a_block_that_is_gone_is_told_once_with_those_inside_it() -> None:
    found = compare(TOY, without(TOY, "mid.attn"))
    assert told(found.differences) == ["removed block mid.attn block Attention"]
    assert found.differences[0].blocks == 3
    assert told(compare(without(TOY, "mid.attn"), TOY).differences) == [
        "added block mid.attn block Attention"
    ]


def test_a_block_that_only_passes_on_what_it_was_given_follows() -> None:
    other = TOY.by_call["mid.attn"].outputs
    wider = with_block(TOY, "conv_in", outputs=other)
    wider = with_block(wider, "down.0.block.conv", inputs=other, outputs=other)
    found = compare(TOY, wider)
    assert told(found.root_causes) == ["changed block conv_in outputs [1 8 16 16] [1 16 8 8]"]
    assert len(found.differences) == 3


def test_a_block_around_one_that_differs_follows() -> None:
    other = with_block(TOY, "mid.attn.qkv", parameters=1)
    other = with_block(other, "mid.attn", parameters=273)
    assert begins(TOY, other) == ["changed block mid.attn.qkv parameters 816 1"]


def test_a_larger_image_explains_no_other_number_of_parameters() -> None:
    image = TOY.by_call["mid.attn"].outputs
    larger = replace(TOY, model=replace(TOY.model, inputs=image))
    larger = with_block(larger, "conv_in", inputs=image, parameters=5)
    assert begins(TOY, larger) == [
        "changed model inputs [1 3 16 16], i64[] [1 16 8 8]",
        "changed block conv_in parameters 224 5",
    ]


def test_what_a_forward_adds_is_its_own() -> None:
    assert begins(TOY, with_block(TOY, "mid.attn", residuals=0)) == [
        "changed block mid.attn residual additions 1 0"
    ]


def test_names_of_classes_and_flops_are_no_shapes() -> None:
    found = compare(TOY, with_block(TOY, "mid.attn", kind="Mixer", flops=7))
    assert not found.same
    assert found.same_shapes


def test_the_inside_of_a_block_of_another_class_follows() -> None:
    other = with_block(without(TOY, "mid.attn.qkv"), "mid.attn", kind="Mixer")
    assert begins(TOY, other) == ["changed block mid.attn class Attention Mixer"]


def with_law(drawn: Snapshot, **rules: str) -> Snapshot:
    return replace(drawn, size_rules=SizeRulesSpec({"x": ("B", "3", "H", "W")}, rules))


def test_buffers_and_the_law_of_sizes_are_the_models() -> None:
    evens, fours = "multiples of 2, at least 2", "multiples of 4, at least 4"
    ruled = with_law(TOY, B="any", H=evens, W=evens)
    other = with_law(replace(TOY, buffers=4), B="any", H=fours, W=fours)
    assert begins(ruled, other) == [
        "changed model buffers 0 4",
        f"changed model size rule for H, W {evens} {fours}",
    ]


def test_a_size_may_come_to_have_a_rule() -> None:
    assert begins(with_law(TOY, B="any"), with_law(TOY, B="any", T="at least 2")) == [
        "changed model size rule for T at least 2"
    ]


def test_a_law_that_one_of_them_does_not_know_is_not_compared() -> None:
    assert compare(TOY, with_law(TOY, H="any")).same


def chain(*names: str) -> Snapshot:
    """A model that is one block behind another."""
    run = Sketch()
    x = run.input("x", 1, 8, 4, 4)
    for name in names:
        x = run.call(name, residual(), x)
    return snapshot_of(run.trace(x))


def test_a_block_that_another_now_feeds_has_moved() -> None:
    assert begins(chain("a", "b", "c"), chain("b", "a", "c")) == [
        "moved block a place before b behind b"
    ]


def branches(*names: str) -> Snapshot:
    """A model whose blocks all look at its input, and are added up."""
    run = Sketch()
    x = run.input("x", 1, 8, 4, 4)
    outputs = [run.call(name, conv(), x) for name in names]
    return snapshot_of(run.trace(run.op("stack", *outputs)))


def test_blocks_that_do_not_feed_each_other_may_run_in_any_order() -> None:
    assert compare(branches("q", "k", "v"), branches("v", "q", "k")).same


def test_differences_are_told_in_the_order_of_the_calls() -> None:
    other = with_block(without(TOY, "mid.attn"), "conv_in", parameters=1)
    other = with_block(other, "conv_out", parameters=1)
    places = [one.name for one in compare(TOY, other).differences]
    assert places == ["conv_in", "mid.attn", "conv_out"]


def test_a_block_knows_its_second_call() -> None:
    once = replace(TOY, blocks=tuple(b for b in TOY.blocks if "@1" not in b.call))
    assert "removed block mid.block@1 block ResBlock" in begins(TOY, once)


def test_a_block_without_a_trace_has_not_moved() -> None:
    swapped = (TOY.blocks[1], TOY.blocks[0], *TOY.blocks[2:])
    assert compare(TOY, replace(TOY, blocks=swapped, trace=None)).same
