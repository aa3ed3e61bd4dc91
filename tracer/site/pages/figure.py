"""A diagram as part of a page of the site: `inline_svg`, under the name that pages know."""

from __future__ import annotations

from tracer.render.diagram.inline_svg import inline_svg as inline_svg

__all__ = ["inline_svg"]
