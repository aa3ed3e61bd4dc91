"""What the site can fail with."""

from __future__ import annotations

from tracer.errors import TraceError


class SiteError(TraceError):
    """The site cannot be built as its files are; says which file, what is wrong, what to do."""
