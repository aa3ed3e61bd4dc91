"""The map and the card of the explorer: by mouse, by touch and by keys."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.explorer_page import PINNED, nested_document, toy_document, unit, write_page

ON_MAP = 'panes="map sizes"'


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return toy_document()


@pytest.fixture
def opened(page: Page, tmp_path: Path, document: dict[str, Any]) -> Page:
    page.emulate_media(reduced_motion="reduce")  # positions are measured
    page.goto(write_page(tmp_path / "map.html", document, ON_MAP))
    expect(unit(page, "conv_in")).to_be_visible()
    return page


def top(found: Locator) -> float:
    box = found.locator(".box").bounding_box()
    assert box is not None
    return box["y"]


def scale(page: Page) -> float:
    """How many pixels a point of the map is wide, or will be when it has moved."""
    style = page.locator(".scene").evaluate("scene => scene.style.transform")
    return float(re.findall(r"scale\((.*?)\)", style)[0])


def distance(page: Page) -> float:
    """How far the first downsampling is below the first convolution, in points of the map."""
    return (top(unit(page, "down.0.downsample")) - top(unit(page, "conv_in"))) / scale(page)


# ------------------------------------------------------------------------------------------ the map


@pytest.mark.smoke
def test_a_click_pins_a_block_and_its_card_has_the_sum_of_channels(opened: Page) -> None:
    unit(opened, "up.1.block.0").click()
    expect(unit(opened, "up.1.block.0")).to_have_class(PINNED)
    card = opened.locator(".pin-card")
    expect(card).to_contain_text("cat 16 + 16 = 32")
    expect(card).to_contain_text("1×32×8×8")
    card.get_by_role("button", name="Clear the selection").click()
    expect(unit(opened, "up.1.block.0")).not_to_have_class(PINNED)


def test_a_skip_is_pinned_with_both_its_ends(opened: Page) -> None:
    edge = opened.get_by_role("button", name="Skip 1: conv_in to up.0.block.1")
    edge.dispatch_event("click")
    expect(edge).to_have_class(PINNED)
    for end in ("conv_in", "up.0.block.1"):
        expect(unit(opened, end)).to_have_class(re.compile("end-of-skip"))
    expect(opened.locator(".pin-card")).to_contain_text("unet.py")
    expect(opened.locator(".pin-card h3")).to_have_text("Skip 1 · hs[0]")


def test_pointing_at_a_block_shows_its_skips_and_their_other_ends(opened: Page) -> None:
    edge = opened.get_by_role("button", name="Skip 1: conv_in to up.0.block.1")
    unit(opened, "conv_in").hover()
    expect(edge).to_have_class(re.compile("pointed"))
    expect(unit(opened, "up.0.block.1")).to_have_class(re.compile("partner"))
    unit(opened, "mid.attn").hover()
    expect(edge).not_to_have_class(re.compile("pointed"))


def test_an_open_block_lists_its_children_and_moves_what_is_below(opened: Page) -> None:
    before = distance(opened)
    first = unit(opened, "down.0.block")
    first.locator(".toggle").click()
    row = opened.get_by_role("button", name=re.compile(r"^down\.0\.block\.conv, Conv2d"))
    row.click()
    expect(row).to_have_class(PINNED)
    expect(opened.locator(".pin-card h3")).to_contain_text("down.0.block.conv")
    assert distance(opened) > before + 30
    first.locator(".toggle").click()
    expect(row).to_have_count(0)


def test_a_closed_level_is_one_line(opened: Page) -> None:
    level = opened.get_by_role("button", name=re.compile("^Level 1, 8×8"))
    level.click()
    expect(unit(opened, "mid.attn")).to_have_count(0)
    expect(unit(opened, "conv_in")).to_be_visible()
    level.click()
    expect(unit(opened, "mid.attn")).to_be_visible()


def test_the_map_is_moved_and_zoomed_with_the_mouse_and_fitted_again(opened: Page) -> None:
    fitted = scale(opened)
    view = opened.locator(".map-svg")
    box = view.bounding_box()
    assert box is not None
    x, y = box["x"] + 8, box["y"] + box["height"] / 2
    opened.mouse.move(x, y)
    opened.keyboard.down("Control")
    opened.mouse.wheel(0, -300)
    opened.keyboard.up("Control")
    assert scale(opened) > fitted
    before = top(unit(opened, "mid.attn"))
    opened.mouse.down()
    opened.mouse.move(x, y - 50, steps=4)
    opened.mouse.up()
    assert top(unit(opened, "mid.attn")) == pytest.approx(before - 50, abs=2)
    opened.get_by_role("button", name="Fit").click()
    assert scale(opened) == pytest.approx(fitted)


def test_the_keys_reach_everything_on_the_map(opened: Page) -> None:
    opened.locator(".heat-choice select").focus()
    for _ in range(4):
        opened.keyboard.press("Tab")
    focused = opened.locator(".map-svg [data-key]:focus")
    expect(focused).to_have_attribute("aria-label", re.compile("^x, "))
    unit(opened, "conv_in").focus()
    opened.keyboard.press("ArrowDown")
    expect(focused).to_have_attribute("aria-label", re.compile(r"^down\.0\.block, "))
    opened.keyboard.press("Enter")
    expect(unit(opened, "down.0.block")).to_have_class(PINNED)
    opened.keyboard.press(" ")
    opened.keyboard.press("ArrowDown")
    expect(focused).to_have_attribute("aria-label", re.compile(r"^down\.0\.block\.conv, "))
    opened.keyboard.press("End")
    expect(focused).to_have_attribute("aria-label", re.compile("^output"))
    fitted = scale(opened)
    opened.keyboard.press("+")
    assert scale(opened) > fitted
    opened.keyboard.press("0")
    opened.keyboard.press("Escape")
    expect(unit(opened, "down.0.block")).not_to_have_class(PINNED)


def test_one_thing_on_the_map_is_a_tab_stop_and_names_are_read_in_the_order_of_execution(
    opened: Page,
) -> None:
    expect(opened.locator('.map-svg [tabindex="0"]')).to_have_count(1)
    labels = opened.locator(".map-svg .unit").evaluate_all(
        "units => units.map((unit) => unit.getAttribute('aria-label').split(',')[0])"
    )
    blocks = [label for label in labels if "." in label or label.startswith("conv")]
    assert blocks[0] == "conv_in"
    assert blocks[-1] == "conv_out"
    assert blocks.index("down.0.block") < blocks.index("mid.attn") < blocks.index("up.0.block.0")


def test_a_map_inside_the_map_opens_with_a_way_back(page: Page, tmp_path: Path) -> None:
    nested = nested_document()
    page.goto(write_page(tmp_path / "nested.html", nested, ON_MAP))
    boxes = page.locator(".map-svg .unit")
    expect(boxes).to_have_count(len(nested["maps"][0]["units"]))
    page.locator(".enter").first.click()
    crumbs = page.get_by_role("navigation", name="Maps")
    expect(crumbs.locator("b")).to_have_text(nested["maps"][1]["title"])
    expect(boxes).to_have_count(len(nested["maps"][1]["units"]))
    crumbs.get_by_role("button").first.click()
    expect(crumbs).to_have_count(0)
    expect(boxes).to_have_count(len(nested["maps"][0]["units"]))


def test_heat_colors_blocks_by_cost(opened: Page) -> None:
    opened.locator(".heat-choice select").select_option("flops")
    expect(opened.locator(".legend")).to_contain_text("logarithmic")
    heats = {
        name: unit(opened, name).get_attribute("style") or "" for name in ("conv_in", "mid.attn")
    }
    assert all(re.search(r"--heat:\s*\d+%", style) for style in heats.values()), heats


def test_the_current_step_is_marked_on_the_map(
    page: Page, tmp_path: Path, document: dict[str, Any]
) -> None:
    page.goto(write_page(tmp_path / "step.html", document, ON_MAP))
    number = next(
        at
        for at, line in enumerate(document["lines"])
        if document["blocks"][5]["first"] in line[2:3]
    )
    page.evaluate("step => document.querySelector('unet-explorer').select({step})", number)
    expect(page.locator(".map-svg .unit.now")).to_have_count(1)


def test_by_touch_a_tap_pins_and_two_fingers_zoom(
    browser: Browser, tmp_path: Path, document: dict[str, Any]
) -> None:
    address = write_page(tmp_path / "touch.html", document, ON_MAP)
    with browser.new_context(
        viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    ) as context:
        page = context.new_page()
        page.goto(address)
        unit(page, "conv_in").tap()
        expect(unit(page, "conv_in")).to_have_class(PINNED)
        fitted = scale(page)
        pinch(page)
        assert scale(page) > fitted


def pinch(page: Page) -> None:
    """Two fingers that move apart on the map."""
    box = page.locator(".map-svg").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    session = page.context.new_cdp_session(page)
    for kind, distance in (("touchStart", 30), ("touchMove", 60), ("touchMove", 100)):
        points = [{"x": x, "y": y - distance, "id": 0}, {"x": x, "y": y + distance, "id": 1}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
