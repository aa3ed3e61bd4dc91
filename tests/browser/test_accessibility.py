"""Every page, checked with axe-core: nothing serious or critical, the parts of the theme included.

axe.min.js is axe-core 4.14.1, copyright Deque Systems, under the Mozilla Public License 2.0. Only
these tests use it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import LANGUAGES, PAGES

AXE = (Path(__file__).parent / "axe.min.js").read_text(encoding="utf-8")
WIDTHS = (1440, 820, 390)
SCHEMES = ("light", "dark")
SEVERE = ("serious", "critical")
RULES_OF_COLOR = ["color-contrast", "link-in-text-block"]
"""The rules whose result depends on the color scheme; the others are checked in one scheme."""

RUN = """async (rules) => {
  const only = rules ? { runOnly: { type: "rule", values: rules } } : {};
  const { violations } = await axe.run({ ...only, resultTypes: ["violations"] });
  return violations.flatMap(({ id, impact, nodes }) => nodes.map(
    ({ target, failureSummary }) => ({ id, impact, target: target.flat(), failureSummary })));
}"""


def violations(page: Page, rules: list[str] | None = None) -> Iterator[str]:
    """One line per element that breaks a rule severely."""
    page.evaluate("document.getAnimations().forEach((one) => one.finish())")
    for found in page.evaluate(RUN, rules):
        where = " ".join(found["target"])
        if found["impact"] in SEVERE:
            reason = (found["failureSummary"] or "").replace("\n", " ")
            yield f"{found['id']}: {where}: {reason}"


def open_page(page: Page, address: str, language: str, name: str) -> None:
    page.goto(f"{address}/{language}/{name}.html", wait_until="load")
    page.evaluate(AXE)


@pytest.mark.smoke
@pytest.mark.parametrize(
    ("language", "name"),
    [("ko", "index"), ("en", "map"), ("ko", "walk/resnet-block"), ("en", "zoo")],
)
def test_a_page_has_no_severe_problem(page: Page, address: str, language: str, name: str) -> None:
    open_page(page, address, language, name)
    found = []
    for width, scheme in ((1440, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found += violations(page)
    assert found == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", PAGES)
def test_every_page_has_no_severe_problem_in_any_scheme_and_width(
    page: Page, address: str, language: str, name: str
) -> None:
    open_page(page, address, language, name)
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            rules = None if scheme == SCHEMES[0] else RULES_OF_COLOR
            found += [f"{width} {scheme} {one}" for one in violations(page, rules)]
    assert found == []


def test_a_box_that_scrolls_is_a_stop_of_the_tab_key_with_a_name(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/en/zoo.html")
    boxes = page.locator(".md-typeset__scrollwrap[tabindex='0']")
    expect(boxes.first).to_have_attribute("aria-label", re.compile(r"\w"))
    on_a_phone = boxes.count()
    boxes.first.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.activeElement.scrollLeft > 0")
    page.set_viewport_size({"width": 2400, "height": 844})
    expect(boxes).not_to_have_count(on_a_phone)
