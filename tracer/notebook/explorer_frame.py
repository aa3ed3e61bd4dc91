"""The explorer in a notebook: the whole page in a frame of its own, which no style reaches."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING

from tracer.escapes import visible
from tracer.record import Trace
from tracer.render.explorer.document import ExplorerContent
from tracer.render.explorer.page import framed_page
from tracer.reports import explored_model
from tracer.session import Session

if TYPE_CHECKING:
    from torch import nn

    from tracer.from_torch.capture.model_call import Inputs

FRAME_STYLE = "width:100%;height:{height}px;border:0"


@dataclass(frozen=True, repr=False)
class ExplorerFrame:
    """An explorer to display: a page in a frame that is as high as it was asked for."""

    content: ExplorerContent
    height: int

    @cached_property
    def html(self) -> str:
        """The page, a whole HTML document that loads nothing from elsewhere."""
        return framed_page(self.content)

    def __repr__(self) -> str:
        what = visible(self.content.trace.model)
        return f"<Explorer of {what} (displayed in Jupyter; .html holds the page)>"

    def _repr_html_(self) -> str:
        title = escape(visible(self.content.trace.model))
        style = FRAME_STYLE.format(height=self.height)
        return f'<iframe title="{title}" style="{style}" srcdoc="{escape(self.html)}"></iframe>'


def explore(
    model: nn.Module | Trace | Session,
    *,
    inputs: Inputs | None = None,
    lang: str = "en",
    height: int = 720,
) -> ExplorerFrame:
    """Return an explorer of a model, for a notebook: source with shapes, steps, map, sizes, tables.

    Args:
        model: A model, a trace, or a session, as for `tracer.report`.
        inputs: The inputs of a model; see `tracer.trace`.
        lang: The language, ``"en"`` or ``"ko"``.
        height: The height of the frame, in CSS pixels.

    Raises:
        TraceError: The inputs cannot be understood or inferred, or there is no such language.

    >>> from tracer import Session
    >>> explore(Session.open("tiny").trace)
    <Explorer of Model (displayed in Jupyter; .html holds the page)>
    """
    return ExplorerFrame(explored_model(model, inputs, lang), height)
