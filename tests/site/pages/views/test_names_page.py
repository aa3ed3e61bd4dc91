"""tracer/site/pages/views/names_page.py: the table of names."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.example import example
from tracer.errors import SiteError
from tracer.record import Block, Trace
from tracer.site.content.name_pairs import shared_blocks
from tracer.site.content.site_config import ComparedModel
from tracer.site.pages.views.names_page import names_view
from tracer.site.pages.words import EN

OTHER = ComparedModel("other", "other.json", "toy", "nets", "1.2")


def renamed(trace: Trace) -> Trace:
    """The trace of the same model in a code base with other names."""

    def of(block: Block) -> Block:
        names = {"call": f"x_{block.call}", "path": f"x_{block.path}"} if block.call else {}
        return replace(block, children=tuple(map(of, block.children)), **names)

    steps = (replace(one, block=f"x_{one.block}" if one.block else "") for one in trace.steps)
    return replace(trace, root=of(trace.root), steps=tuple(steps))


def test_the_names_of_another_model_stand_beside_ours() -> None:
    view = names_view(OTHER, shared_blocks(example(), renamed(example())), EN)
    assert "x_conv_in" in view.table
    assert EN.names_caption in view.table
    assert view.layers.paired == view.layers.before == view.layers.after
    assert view.parameters == example().root.parameters


def test_a_model_with_the_same_names_is_refused() -> None:
    with pytest.raises(SiteError, match=r"other\.json"):
        names_view(OTHER, shared_blocks(example(), example()), EN)
