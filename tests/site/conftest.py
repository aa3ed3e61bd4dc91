"""The toy's project, as the site reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.site.toy_site import make_project, toy_content
from tracer.site.content.site_content import SiteContent


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """The docs of the toy's project."""
    return make_project(tmp_path)


@pytest.fixture
def content(tmp_path: Path) -> SiteContent:
    return toy_content(tmp_path)
