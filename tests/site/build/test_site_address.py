"""tracer/site/build/site_address.py: where the site is published."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import ROOT
from tracer.errors import SiteError
from tracer.site.build.site_address import read_site_address

SETTING = '[tool.hatch.metadata.hooks.custom]\nsite = "{site}"\n'


def test_the_address_has_no_slash_at_its_end(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(SETTING.format(site="https://example.org/unet/"))
    assert read_site_address(tmp_path) == "https://example.org/unet"


@pytest.mark.parametrize("text", [None, "", "[project]\nname = 'x'\n", SETTING.format(site="")])
def test_a_project_without_the_setting_has_no_address(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "pyproject.toml").write_text(text)
    assert read_site_address(tmp_path) == ""


def test_what_is_no_address_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(SETTING.format(site="example.org"))
    with pytest.raises(SiteError, match=r"site is 'example.org', which is not an address"):
        read_site_address(tmp_path)


def test_this_project_invents_no_address() -> None:
    assert read_site_address(ROOT) == ""
