"""The pages of the site, as its navigation lists them."""

from __future__ import annotations

from typing import Any

from tests.site.test_this_site import config, places
from tracer.site.content.site_config import LANGUAGES

__all__ = ["LANGUAGES", "PAGES"]


def _pages(nav: list[Any]) -> tuple[str, ...]:
    return ("index", *(place.removesuffix(".md") for place in places(nav)))


PAGES = _pages(config("mkdocs.yml")["nav"])
"""The address of each page below its language, without its suffix."""
