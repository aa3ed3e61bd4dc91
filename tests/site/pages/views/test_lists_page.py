"""tracer/site/pages/views/lists_page.py: what the loops of a constructor built."""

from __future__ import annotations

from tests.site.toy_site import toy_results
from tracer.session import Session
from tracer.site.content.model_results import ModelResults
from tracer.site.pages.views.lists_page import LoopTurn, lists_table, loop_turns
from tracer.site.pages.words import EN


def tiny() -> ModelResults:
    """The smallest preset, which has loops over levels and blocks."""
    trace = Session.open("tiny").trace
    return ModelResults(trace, trace, toy_results().size_rules)


def test_a_turn_has_its_channels_the_skip_among_them_and_its_attention() -> None:
    turns = {turn.block: turn for turn in loop_turns(tiny())}
    assert turns["down.0.block.0"] == LoopTurn("down.0.block.0", "32", "32", ())
    assert turns["down.1.block.0"].beside == ("down.1.attn.0",)
    assert turns["up.1.block.1"] == LoopTurn("up.1.block.1", "64 + 32 = 96", "64", ("up.1.attn.1",))
    assert len([one for one in turns if one.startswith("up.")]) == 6
    assert not {"up.1.attn.1", "temb.dense.0"} & turns.keys()


def test_the_table_has_a_row_per_turn() -> None:
    table = lists_table(tiny(), EN)
    assert "64 + 32 = 96" in table
    assert EN.channels_in in table
