"""One explorer for several models, in a page that has a title and languages of its own."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.explorer_page import toy_document, write_page
from tests.example import FILE
from tests.render.symbolic_costs import symbolic_trace
from tracer.algebra.substitute import resize
from tracer.render.explorer.document import ExplorerContent
from tracer.render.explorer.embedded import data_script

CHOICES = [
    {"name": "small", "title": "Small", "data": "#trace", "script": "nowhere.js"},
    {"name": "large", "title": "Large", "data": "#large", "script": "large.js"},
    {"name": "lost", "title": "Lost", "data": "#lost", "script": "lost.js"},
]


@pytest.fixture
def several(page: Page, tmp_path: Path) -> Page:
    large = resize(symbolic_trace(), {"H": 64, "W": 64})
    content = ExplorerContent(large, sources={FILE: Path(FILE).read_text(encoding="utf-8")})
    (tmp_path / "large.js").write_text(data_script(content, "large"), encoding="utf-8")
    attributes = f'bare panes="source sizes" choices="{escape(json.dumps(CHOICES))}"'
    page.goto(write_page(tmp_path / "several.html", toy_document(), attributes))
    return page


def test_choosing_a_model_loads_its_data_and_keeps_function_call_and_line(several: Page) -> None:
    several.get_by_role("combobox", name="Function").select_option(index=1)
    several.get_by_role("button", name="Next call of this function").click()
    several.keyboard.press("ArrowDown")
    place = several.locator(".call-bar option:checked, .row.current .number").all_inner_texts()
    chooser = several.get_by_role("combobox", name="Model")
    chooser.focus()
    chooser.select_option("Large")
    expect(several.locator(".listing:not([hidden]) .shapes").first).to_contain_text("32×32")
    now = several.locator(".call-bar option:checked, .row.current .number").all_inner_texts()
    assert now == place
    expect(chooser).to_be_focused()
    chooser.select_option("Small")
    expect(several.locator(".listing:not([hidden]) .shapes").first).not_to_contain_text("32×32")


def test_sizes_go_to_those_of_the_model(several: Page) -> None:
    several.fill("#size-H", "32")
    several.get_by_role("combobox", name="Model").select_option("Large")
    expect(several.locator(".sizes-fixed")).to_be_visible()
    several.get_by_role("combobox", name="Model").select_option("Small")
    expect(several.locator("#size-H")).to_have_value("16")


def test_a_model_whose_data_is_lost_is_named_and_the_other_one_stays(
    several: Page, context: BrowserContext
) -> None:
    page = context.new_page()  # whose console may say that a script is missing
    page.goto(several.url)
    page.get_by_role("combobox", name="Model").select_option("Lost")
    expect(page.locator(".models [role=status]")).to_have_text(
        "The data of Lost could not be loaded."
    )
    expect(page.locator(".row.current")).to_have_count(1)
    expect(page.get_by_role("combobox", name="Model")).to_have_value("small")


def test_a_bare_explorer_has_no_title_and_no_languages_but_the_keys(several: Page) -> None:
    expect(several.locator(".top-bar h2")).to_have_count(0)
    expect(several.get_by_role("group", name="Language")).to_have_count(0)
    several.get_by_role("button", name="Buttons and keys").click()
    expect(several.get_by_role("region", name="Buttons and keys")).to_be_visible()
