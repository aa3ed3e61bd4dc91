"""The site: what the pages say, how they are generated, and how they are built."""

from __future__ import annotations

from tracer.site.build.builder import build as build

__all__ = ["build"]
