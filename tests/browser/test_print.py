"""Pages on paper: nothing is cut at the right edge, and nothing to press is printed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import LANGUAGES, PAGES

A4_BETWEEN_MARGINS = {"width": 703, "height": 1017}
"""In CSS pixels: 210 mm by 297 mm without the margins of print.css."""

CUT = """() => {
  const all = (root) => [...root.querySelectorAll("*")].flatMap(
    (one) => [one, ...(one.shadowRoot ? all(one.shadowRoot) : [])]);
  const edge = document.documentElement.clientWidth + 1;
  const isCut = (one) => getComputedStyle(one).overflowX !== "visible"
    && one.scrollWidth > one.clientWidth + 1;
  return all(document.querySelector(".md-content")).filter((one) => {
    const { width, height, right } = one.getBoundingClientRect();
    return one.checkVisibility() && width > 1 && height > 1 && (right > edge || isCut(one));
  }).map((one) => `${one.tagName} ${one.className}: ${one.textContent.trim().slice(0, 40)}`);
}"""


def open_on_paper(page: Page, address: str, language: str, name: str) -> None:
    page.set_viewport_size(A4_BETWEEN_MARGINS)  # type: ignore[arg-type]
    page.goto(f"{address}/{language}/{name}.html", wait_until="load")
    page.emulate_media(media="print")


@pytest.mark.smoke
@pytest.mark.parametrize(("language", "name"), [("ko", "map"), ("en", "stack"), ("en", "zoo")])
def test_a_page_is_whole_on_paper(page: Page, address: str, language: str, name: str) -> None:
    open_on_paper(page, address, language, name)
    assert page.evaluate(CUT) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_whole_on_paper(page: Page, address: str, language: str, name: str) -> None:
    open_on_paper(page, address, language, name)
    assert page.evaluate(CUT) == []


@pytest.mark.parametrize("name", ["map", "stack", "shapes/ddpm-cifar10"])
def test_switches_and_the_navigation_are_not_printed(page: Page, address: str, name: str) -> None:
    open_on_paper(page, address, "en", name)
    for selector in (".ut-switch", ".headerlink", ".md-header", ".md-footer", ".md-sidebar"):
        for one in page.locator(selector).all():
            expect(one).to_be_hidden()


def test_a_diagram_fits_one_sheet(page: Page, address: str) -> None:
    page.add_init_script("customElements.define = () => {}")  # the drawing below the explorer
    open_on_paper(page, address, "en", "map")
    for drawing in page.locator(".ut-scroll > svg").all():
        box = drawing.bounding_box()
        assert box
        assert box["height"] <= A4_BETWEEN_MARGINS["height"]
