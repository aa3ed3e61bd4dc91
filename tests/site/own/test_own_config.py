"""tracer/site/own/own_config.py: the configuration of a generated site."""

from __future__ import annotations

from pathlib import Path

import yaml

from tracer.site.own.own_config import OwnSettings, config_text


def config(language: str, settings: OwnSettings) -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load(
        config_text("Net", language, [{"Map": "index.md"}], settings)
    )
    return found


def test_a_site_in_two_languages_links_them() -> None:
    extra = config("ko", OwnSettings(("en", "ko")))["extra"]
    assert isinstance(extra, dict)
    assert [one["lang"] for one in extra["alternate"]] == ["en", "ko"]


def test_a_site_in_one_language_has_no_links_to_another() -> None:
    extra = config("en", OwnSettings(("en",)))["extra"]
    assert isinstance(extra, dict)
    assert "alternate" not in extra


def test_a_theme_and_a_name_are_inherited(tmp_path: Path) -> None:
    base = tmp_path / "base.yml"
    base.write_text(
        "site_name: Mine\ntheme: {name: readthedocs, custom_dir: over}\n", encoding="utf-8"
    )
    found = config("en", OwnSettings(("en",), base))
    assert found["INHERIT"] == str(base)
    assert found["site_name"] == "Mine"
    assert found["theme"] == {"name": "readthedocs", "custom_dir": str(tmp_path / "over")}


def test_without_a_theme_to_inherit_it_is_material_in_the_language_of_the_pages() -> None:
    theme = config("ko", OwnSettings(("ko",)))["theme"]
    assert isinstance(theme, dict)
    assert (theme["name"], theme["language"]) == ("material", "ko")
