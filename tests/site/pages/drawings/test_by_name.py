"""tracer/site/pages/drawings/by_name.py: the drawing that a note asks for."""

from __future__ import annotations

import msgspec
import pytest

from tracer.errors import SiteError
from tracer.site.content.notes import Note
from tracer.site.content.site_content import SiteContent
from tracer.site.pages.drawings.by_name import drawing_of
from tracer.site.pages.words import EN


def asking_for(content: SiteContent, name: str) -> Note:
    return msgspec.structs.replace(content.walkthroughs[0].notes.notes[0], drawing=name)


@pytest.mark.parametrize("name", ["pads", "copies"])
def test_a_drawing_is_found_by_its_name(content: SiteContent, name: str) -> None:
    drawn = drawing_of(asking_for(content, name), content.walkthroughs[0], EN)
    assert drawn is not None
    assert f'id="drawing-{name}"' in drawn


def test_a_note_without_a_drawing_has_none(content: SiteContent) -> None:
    assert drawing_of(asking_for(content, ""), content.walkthroughs[0], EN) is None


def test_an_unknown_drawing_is_refused_with_the_known_ones(content: SiteContent) -> None:
    note = asking_for(content, "pad")
    message = f"'pad' of the note {note.id!r} in forward is none of: attention, copies"
    with pytest.raises(SiteError, match=message):
        drawing_of(note, content.walkthroughs[0], EN)
