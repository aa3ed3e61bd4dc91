"""Every drawing by its name, from the walkthrough whose note asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from markupsafe import Markup

from tracer.errors import SiteError
from tracer.site.content.notes import Note
from tracer.site.content.site_content import Walkthrough
from tracer.site.pages.drawings.attention_matrices import attention_drawing, attention_sizes
from tracer.site.pages.drawings.resampling import downsample_pads, upsample_copies
from tracer.site.pages.drawings.sinusoids import sinusoid_table
from tracer.site.pages.words import Words


def _attention(walkthrough: Walkthrough, words: Words) -> Markup:
    call = walkthrough.executions[0].call
    return attention_drawing(attention_sizes(walkthrough.results.trace.blocks[call]), words)


def _sinusoids(walkthrough: Walkthrough, words: Words) -> Markup:
    bound = [value for one in walkthrough.executions for _, value in one.names]
    return sinusoid_table(int(bound[-1].shape[-1]), words)


def _pads(walkthrough: Walkthrough, words: Words) -> Markup:
    return downsample_pads(words)


def _copies(walkthrough: Walkthrough, words: Words) -> Markup:
    return upsample_copies(words)


DRAWINGS: Mapping[str, Callable[[Walkthrough, Words], Markup]] = {
    "attention": _attention,
    "copies": _copies,
    "pads": _pads,
    "sinusoids": _sinusoids,
}


def drawing_of(note: Note, walkthrough: Walkthrough, words: Words) -> Markup | None:
    """Return the drawing that a note of a walkthrough asks for; None if it asks for none.

    Raises:
        SiteError: There is no drawing of that name.
    """
    if not note.drawing:
        return None
    if note.drawing not in DRAWINGS:
        raise SiteError(
            f"The drawing {note.drawing!r} of the note {note.id!r} in {walkthrough.walk.notes} is "
            f"none of: {', '.join(DRAWINGS)}."
        )
    return DRAWINGS[note.drawing](walkthrough, words)
