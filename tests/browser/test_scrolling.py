"""The page scrolls on from every pane of the explorer, by wheel and by finger."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect

WITHIN = "document.querySelector('unet-explorer').shadowRoot"
PANES = {"source": ".listing:not([hidden])", "map": ".map-svg", "stack": ".steps"}
TURNS = 40  # more than any pane is long


def scrolled(page: Page) -> float:
    found: float = page.evaluate("window.scrollY")
    return found


def center_of(page: Page, selector: str) -> tuple[float, float]:
    """The middle of the part of an element that is in sight."""
    box = page.locator(selector).first.bounding_box()
    viewport = page.viewport_size
    assert box is not None
    assert viewport is not None
    bottom = min(box["y"] + box["height"], viewport["height"])
    return box["x"] + box["width"] / 2, (max(box["y"], 0) + bottom) / 2


def scale_of_map(page: Page) -> str:
    style = page.locator(".scene").evaluate("scene => scene.style.transform")
    return str(re.findall(r"scale\((.*?)\)", style)[0])


@pytest.mark.smoke
@pytest.mark.parametrize("pane", PANES)
def test_the_wheel_scrolls_a_pane_to_its_end_and_then_the_page(
    page: Page, address: str, pane: str
) -> None:
    page.goto(f"{address}/en/index.html")
    expect(page.locator(".map-svg .unit.now")).to_have_count(1)
    before = scale_of_map(page)
    page.mouse.move(*center_of(page, PANES[pane]))
    for _ in range(TURNS):
        page.mouse.wheel(0, 400)
        page.wait_for_timeout(50)  # the browser takes turns as one until there is a pause
        if scrolled(page) > 100:
            break
    assert scrolled(page) > 100
    assert scale_of_map(page) == before


@pytest.mark.parametrize("tab", ["Source", "Map", "Skip stack"])
def test_a_finger_scrolls_a_pane_to_its_end_and_then_the_page(
    browser: Browser, address: str, tab: str
) -> None:
    with browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    ) as context:
        page = context.new_page()
        page.goto(f"{address}/en/index.html")
        page.locator(".tabs").get_by_role("button", name=tab, exact=True).tap()
        pane = {"Source": "source", "Map": "map", "Skip stack": "stack"}[tab]
        x, y = center_of(page, PANES[pane])
        session = context.new_cdp_session(page)
        before = scrolled(page)
        for _ in range(TURNS):
            swipe_up(page, session, x, y)
            if scrolled(page) > before + 100:
                break
        assert scrolled(page) > before + 100


def swipe_up(page: Page, session: CDPSession, x: float, y: float) -> None:
    """One finger that moves up 200 pixels."""
    send = session.send
    send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for moved in range(20, 220, 20):
        points = [{"x": x, "y": y - moved}]
        send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": points})
    send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(80)
