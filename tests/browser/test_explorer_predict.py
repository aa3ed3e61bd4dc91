"""Predict: what a reader types in place of the shapes, and what the explorer says to it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.explorer_page import toy_document, write_page

GIVEN = "1×3×16×16"  # the argument of the call
ATTRIBUTES = 'bare panes="source sizes" function="ResBlock.forward"'


@pytest.fixture
def asked(page: Page, tmp_path: Path) -> Page:
    """The toy UNet with its shapes hidden, and the first field in focus."""
    page.goto(write_page(tmp_path / "predict.html", toy_document(), ATTRIBUTES))
    page.get_by_role("button", name="Predict").click()
    fields(page).first.focus()
    return page


def fields(page: Page) -> Locator:
    return page.locator(".listing:not([hidden]) .guess input")


def answer(page: Page, text: str) -> None:
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def score(page: Page) -> list[int]:
    """How many were right at the first try, how many were tried, and how many there are."""
    return list(map(int, re.findall(r"\d+", page.locator(".score").inner_text())))


@pytest.mark.smoke
def test_a_right_shape_stands_in_place_of_its_field_and_the_next_field_has_the_focus(
    asked: Page,
) -> None:
    count = fields(asked).count()
    name = fields(asked).first.get_attribute("aria-label")
    answer(asked, "1x8x16x16")
    expect(fields(asked)).to_have_count(count - 1)
    expect(asked.locator(".row.current .shape").last).to_have_text("1×8×16×16")
    assert score(asked)[:2] == [1, 1]
    expect(fields(asked).first).to_be_focused()
    expect(fields(asked).first).not_to_have_attribute("aria-label", name or "")


def test_a_wrong_shape_is_told_its_axis_and_counts_as_tried(asked: Page) -> None:
    answer(asked, "1, 8, 32, 16")
    expect(asked.locator(".why")).to_have_text("Axis 2 is wrong (counted from 0).")
    expect(fields(asked).first).to_have_attribute("aria-invalid", "true")
    assert score(asked)[:2] == [0, 1]
    fields(asked).first.fill("1 8 16 16")
    fields(asked).first.press("Enter")
    assert score(asked)[:2] == [0, 1]


def test_a_wrong_number_of_axes_and_what_is_no_size_are_told(asked: Page) -> None:
    answer(asked, "8x16x16")
    expect(asked.locator(".why")).to_have_text("It does not have 3 axes.")
    fields(asked).first.fill("one")
    fields(asked).first.press("Enter")
    expect(asked.locator(".why")).to_contain_text("no size")


def test_giving_up_shows_the_shape_and_counts_as_tried(asked: Page) -> None:
    count = fields(asked).count()
    answer(asked, "1")
    asked.get_by_role("button", name="Show", exact=True).click()
    expect(fields(asked)).to_have_count(count - 1)
    assert score(asked)[:2] == [0, 1]


def test_in_formula_view_answers_are_formulas(asked: Page) -> None:
    asked.get_by_role("radio", name="Formulas").click()
    fields(asked).first.focus()
    answer(asked, "1x8x16x16")
    expect(asked.locator(".why")).to_have_text("Axis 0 is wrong (counted from 0).")
    fields(asked).first.fill("(B, 8, H, W)")
    fields(asked).first.press("Enter")
    expect(asked.locator(".row.current .shape").last).to_have_text("B×8×H×W")


def test_the_switch_shows_all_shapes_again_and_keeps_the_score(asked: Page) -> None:
    answer(asked, "1x8x16x16")
    switch = asked.get_by_role("button", name="Predict")
    switch.click()
    expect(fields(asked)).to_have_count(0)
    expect(asked.locator(".unknown")).to_have_count(0)
    switch.click()
    assert score(asked)[:2] == [1, 1]


def test_no_shape_is_told_while_it_is_asked(asked: Page) -> None:
    label = asked.locator(".listing:not([hidden]) .row.current [data-name]").first
    label.hover()
    expect(asked.locator(".listing:not([hidden]) [title*='8×16×16']")).to_have_count(0)


def test_no_pane_says_what_is_asked(page: Page, tmp_path: Path) -> None:
    page.goto(write_page(tmp_path / "panes.html", toy_document()))
    expect(page.locator(".steps")).to_contain_text("×")
    page.get_by_role("button", name="Predict").click()
    page.locator(".map-svg .unit.unit-convolution").first.click()
    said = page.locator(".map-svg, .steps, .pin-card")
    for text in said.all_text_contents():
        assert not re.search(r"\d×\d", text.replace(GIVEN, "")), text
    labels = page.locator(".map-svg [aria-label]").evaluate_all(
        "all => all.map(one => one.ariaLabel)"
    )
    assert not [one for one in labels if re.search(r"\d×\d", one.replace(GIVEN, ""))]
    page.get_by_role("button", name="Predict").click()
    expect(page.locator(".map-svg .unit[aria-label$='1×8×16×16']").first).to_be_attached()
