"""tracer/site/pages/root_files.py: what stands beside the folders of the languages."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from tracer.site.pages.root_files import ROOT_FILES, files_at_root

NAMES = {"en": "English", "ko": "한국어"}
PAGES = ("walk/a.html", "index.html")
ADDRESS = "https://example.org/unet"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def test_the_sitemap_has_every_page_in_every_language_with_its_counterpart() -> None:
    files = dict(files_at_root(NAMES, PAGES, ADDRESS))
    assert set(files) == ROOT_FILES
    urls = ET.fromstring(files["sitemap.xml"])
    assert [url.findtext(f"{SITEMAP}loc") for url in urls] == [
        f"{ADDRESS}/{language}/{page}" for page in sorted(PAGES) for language in NAMES
    ]
    others = [[link.get("href") for link in url if link.get("hreflang")] for url in urls]
    assert others[0] == [f"{ADDRESS}/en/index.html", f"{ADDRESS}/ko/index.html"]


def test_without_an_address_nothing_names_one() -> None:
    files = dict(files_at_root(NAMES, PAGES, ""))
    assert set(files) == {"index.html", "404.html"}
    assert "<base" not in files["404.html"]


def test_the_page_for_wrong_addresses_speaks_both_languages() -> None:
    text = dict(files_at_root(NAMES, PAGES, ADDRESS))["404.html"]
    assert f'<base href="{ADDRESS}/">' in text
    assert "Page not found" in text
    assert "페이지를 찾을 수 없습니다" in text
