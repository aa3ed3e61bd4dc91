"""tracer/analysis/step_location.py: how messages name the place of a step."""

from __future__ import annotations

from tracer.analysis.step_location import block_name, describe_location


def test_a_block_has_its_call_as_name_and_the_model_has_none() -> None:
    assert block_name("mid.attn@1") == "mid.attn@1"
    assert block_name("") == "the model itself"


def test_a_place_is_a_block_and_where_it_is_known_a_line() -> None:
    assert describe_location("add", "mid", "unet.py", 9) == "add in mid at unet.py:9"
    assert (
        describe_location("the model fails at add", "")
        == "the model fails at add in the model itself"
    )
