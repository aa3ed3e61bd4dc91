"""tracer/site/pages/drawings/by_name.py: the drawing that a walkthrough asks for."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from tracer.errors import SiteError
from tracer.site.content.site_content import SiteContent, Walkthrough
from tracer.site.pages.drawings.by_name import drawing_beside
from tracer.site.pages.words import EN


def asking_for(content: SiteContent, name: str) -> Walkthrough:
    walkthrough = content.walkthroughs[0]
    return replace(walkthrough, walk=msgspec.structs.replace(walkthrough.walk, drawing=name))


@pytest.mark.parametrize("name", ["pads", "copies"])
def test_a_drawing_is_found_by_its_name(content: SiteContent, name: str) -> None:
    assert f'id="drawing-{name}"' in drawing_beside(asking_for(content, name), EN)


def test_an_unknown_drawing_is_refused_with_the_known_ones(content: SiteContent) -> None:
    with pytest.raises(SiteError, match="'pad' of forward is none of: attention, copies"):
        drawing_beside(asking_for(content, "pad"), EN)
