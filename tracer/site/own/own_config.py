"""The MkDocs configuration of a site of one's own: plain YAML, which its reader may change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tracer.site.build.builder import LANGUAGE_NAMES
from tracer.site.pages.words.own_words import OWN_WORDS

NavItem = Mapping[str, Any]
SCRIPTS = ("access.js", "language.js", "sizes.js", "reading.js", "search.js")
ICONS = {"": "auto", "default": "7", "slate": "4"}
"""The schemes of the theme in the order of its control, and the icon of each."""


@dataclass(frozen=True)
class OwnSettings:
    """How a site of one's own is built.

    Attributes:
        languages: The languages that it has.
        base: A MkDocs configuration that the generated ones inherit from, for another theme.
    """

    languages: tuple[str, ...]
    base: Path | None = None


def config_text(title: str, language: str, nav: Sequence[NavItem], settings: OwnSettings) -> str:
    """Return the configuration of one language.

    Args:
        title: The name of the site.
        language: The language.
        nav: The pages, as MkDocs writes them.
        settings: How the site is built.
    """
    inherited = _inherited(settings.base) if settings.base else {}
    config: dict[str, Any] = {"INHERIT": str(settings.base)} if settings.base else {}
    config |= {
        "site_name": inherited.get("site_name", title),
        "docs_dir": f"docs/{language}",
        "site_dir": f"site/{language}",
        "use_directory_urls": False,
        "theme": _theme(language, inherited, settings.base),
        "nav": list(nav),
        "extra": _extra(settings.languages),
        "extra_css": ["generated/assets/site.css", "generated/assets/print.css"],
        "extra_javascript": [f"generated/assets/{name}" for name in SCRIPTS],
        "exclude_docs": "/generated/parts/\n",
        "plugins": {"search": _search(language, inherited), "unet-trace": {"generated": True}},
        "markdown_extensions": _extensions(language),
        "validation": {"nav": {"omitted_files": "info"}},
    }
    return yaml.safe_dump(config, sort_keys=False, allow_unicode=True)


def _inherited(base: Path) -> Mapping[str, Any]:
    """What a configuration says, those that it inherits from included."""
    from mkdocs.utils.yaml import yaml_load

    with base.open("rb") as file:
        found: Mapping[str, Any] = yaml_load(file) or {}
    return found


def _theme(language: str, inherited: Mapping[str, Any], base: Path | None) -> dict[str, Any]:
    """The theme; of one that is inherited, only what depends on the folder or the language."""
    theme = inherited.get("theme")
    if theme is None or base is None:
        return _material(language)
    own = {"name": theme} if isinstance(theme, str) else dict(theme)
    if folder := own.get("custom_dir"):
        own["custom_dir"] = str(base.parent / folder)
    if own.get("name") == "material":
        own["language"] = language
    return own


def _material(language: str) -> dict[str, Any]:
    words = OWN_WORDS[language].themes
    palette = []
    for scheme, icon in ICONS.items():
        wanted = "dark" if scheme == "slate" else "light"
        media = f"(prefers-color-scheme: {wanted})" if scheme else "(prefers-color-scheme)"
        colors = {"scheme": scheme, "primary": "custom", "accent": "custom"} if scheme else {}
        toggle = {"icon": f"material/brightness-{icon}", "name": words[scheme]}
        palette.append({"media": media, **colors, "toggle": toggle})
    return {
        "name": "material",
        "language": language,
        "font": False,
        "icon": {"logo": "material/layers-triple-outline"},
        "favicon": "generated/assets/icon.svg",
        "features": ["content.code.copy", "navigation.indexes", "navigation.tabs", "toc.follow"],
        "palette": palette,
    }


def _extra(languages: Sequence[str]) -> dict[str, Any]:
    extra: dict[str, Any] = {"generator": False, "polyfills": ["generated/assets/offline.js"]}
    if len(languages) > 1:
        extra["alternate"] = [
            {"name": LANGUAGE_NAMES[one], "link": f"/{one}/", "lang": one} for one in languages
        ]
    return extra


def _search(language: str, inherited: Mapping[str, Any]) -> dict[str, Any]:
    """Without a stemmer for Korean, nothing is filtered; search.js looks inside longer words."""
    theme = inherited.get("theme", "material")
    is_material = (theme if isinstance(theme, str) else theme.get("name")) == "material"
    if not is_material:  # the search of MkDocs itself knows neither
        return {}
    return {"lang": "ko", "pipeline": []} if language == "ko" else {}


def _extensions(language: str) -> dict[str, Any]:
    parts = f"docs/{language}/generated/parts"
    return {
        "attr_list": {},
        "md_in_html": {},
        "tables": {},
        "toc": {"permalink": True, "permalink_title": OWN_WORDS[language].permalink},
        "pymdownx.highlight": {"pygments_lang_class": True},
        "pymdownx.snippets": {"base_path": parts, "check_paths": True},
        "pymdownx.superfences": {},
    }
