"""Which block is which: by name, or by structure where the name is another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.example import example
from tracer.snapshot import Snapshot, snapshot_of
from tracer.snapshot.diff.call_names import count_renames
from tracer.snapshot.diff.rename_detection import match_blocks

TOY = snapshot_of(example())


def renamed(drawn: Snapshot, name: Callable[[str], str], kind: str = "") -> Snapshot:
    """The same model, whose blocks and their classes are called otherwise."""
    blocks = (replace(b, call=name(b.call), kind=kind or b.kind) for b in drawn.blocks)
    return replace(drawn, blocks=tuple(blocks))


def test_blocks_of_one_name_are_the_same_whatever_else_they_are() -> None:
    other = renamed(TOY, str, kind="Other")
    found = match_blocks(TOY, other)
    assert (found.new_names, found.removed, found.added) == ({}, (), ())
    assert len(found.pairs) == len(TOY.blocks) + 1


def test_a_renamed_block_takes_those_inside_it_along() -> None:
    other = renamed(TOY, lambda call: call.replace("mid.attn", "mid.attention"))
    found = match_blocks(TOY, other)
    assert (found.removed, found.added) == ((), ())
    assert count_renames(found.new_names) == {("mid.attn", "mid.attention"): 3}


def test_a_block_that_moved_elsewhere_went_and_came() -> None:
    other = renamed(TOY, lambda call: call.replace("mid.attn", "up.1.attn"))
    found = match_blocks(TOY, other)
    assert found.removed[0].call == "mid.attn"
    assert found.added[0].call == "up.1.attn"


def test_a_further_call_of_a_module_is_no_new_name() -> None:
    once = replace(TOY, blocks=tuple(b for b in TOY.blocks if b.call != "embed"))
    again = replace(once, blocks=(*once.blocks, replace(TOY.by_call["embed"], call="conv_in@1")))
    assert match_blocks(TOY, again).new_names == {}
