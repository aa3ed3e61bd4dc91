"""The sizes and the tables of the explorer: what they say, and that it is what Python computes."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.explorer_page import PINNED, toy_document, unit, write_page
from tests.render.symbolic_costs import symbolic_trace
from tracer.algebra.substitute import resize
from tracer.analysis.costs import cost
from tracer.analysis.costs.by_resolution import level_costs
from tracer.analysis.levels import resolution_levels
from tracer.render import number_format

WITH_MAP = 'panes="map sizes"'
TABLES = 'panes="tables sizes"'
PARTS = {"encoder": "encoder", "middle": "bottleneck", "decoder": "decoder", "side": "side"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return toy_document()


@pytest.fixture
def opened(page: Page, tmp_path: Path, document: dict[str, Any]) -> Page:
    page.goto(write_page(tmp_path / "sizes.html", document, WITH_MAP))
    expect(unit(page, "conv_in")).to_be_visible()
    return page


# ------------------------------------------------------------------------------------------- sizes


@pytest.mark.smoke
def test_a_size_that_fails_is_explained_and_marked_and_the_nearest_ones_are_offered(
    opened: Page,
) -> None:
    opened.fill("#size-H", "15")
    message = opened.locator(".sizes-message")
    expect(message).to_contain_text("H = 15 does not work.")
    expect(message).to_contain_text("multiples of 2")
    expect(opened.locator(".map-svg .unit.failing")).to_have_count(1)
    expect(message).to_contain_text("down.0.downsample turns 15 into 7")
    expect(message).to_contain_text("cat before up.1.block.0 cannot join 1×16×14×16 and 1×8×15×16")
    expect(opened.locator(".skip-edge.failing")).to_contain_text("14 ≠ 15")
    expect(unit(opened, "conv_in")).to_have_attribute("aria-label", "conv_in, Conv2d, 1×8×16×16")
    message.get_by_role("button", name="H = 14").click()
    expect(message).to_be_empty()
    expect(opened.locator(".unit.failing")).to_have_count(0)
    expect(unit(opened, "conv_in")).to_have_attribute("aria-label", "conv_in, Conv2d, 1×8×14×16")


def test_sizes_that_fail_together_are_marked_and_mended_together(
    page: Page, tmp_path: Path, document: dict[str, Any]
) -> None:
    pages = """bare pages='{"functions": {}, "sizes": "breaks.html#odd-size"}'"""
    page.goto(write_page(tmp_path / "both.html", document, pages))
    tabs = page.locator(".tabs")
    before = tabs.bounding_box()
    for name in ("H", "W"):
        page.fill(f"#size-{name}", "15")
    message = page.locator(".sizes-message")
    expect(message.locator("strong")).to_have_text("H = W = 15 does not work.")
    for name in ("H", "W"):
        expect(page.locator(f"#size-{name}")).to_have_attribute("aria-invalid", "true")
    assert tabs.bounding_box() == before
    link = message.get_by_role("link", name="Why an odd size breaks")
    expect(link).to_have_attribute("href", "breaks.html#odd-size")
    message.get_by_role("button", name="H×W = 16×16").click()
    for name in ("H", "W"):
        expect(page.locator(f"#size-{name}")).to_have_value("16")
    expect(message).to_be_empty()


def test_arrow_keys_in_a_field_go_to_the_next_size_that_works(opened: Page) -> None:
    opened.focus("#size-H")
    opened.keyboard.press("ArrowUp")
    expect(opened.locator("#size-H")).to_have_value("18")
    opened.get_by_role("button", name="Reset").click()
    expect(opened.locator("#size-H")).to_have_value("16")


def test_shapes_are_shown_as_formulas(opened: Page) -> None:
    opened.get_by_role("radio", name="Formulas").click()
    label = "down.0.downsample, Conv2d, B×16×H/2×W/2"
    expect(unit(opened, "down.0.downsample")).to_have_attribute("aria-label", label)


def test_tables_show_the_shapes_and_costs_of_python_at_ten_random_sizes(
    page: Page, tmp_path: Path, document: dict[str, Any]
) -> None:
    page.goto(write_page(tmp_path / "tables.html", document, TABLES))
    page.get_by_role("button", name=re.compile("^Show all")).click()
    trace = symbolic_trace()
    draw = random.Random(3)
    for _ in range(10):
        sizes = {
            "B": draw.randint(1, 9),
            "H": 2 * draw.randint(1, 90),
            "W": 2 * draw.randint(1, 90),
        }
        for name, size in sizes.items():
            page.fill(f"#size-{name}", str(size))
        at = resize(trace, sizes)
        costs = cost(at).blocks
        expected = [
            [
                number_format.first_shape_of(block.outputs).split(" +")[0],
                number_format.operations(costs[call].flops),  # type: ignore[arg-type]
                number_format.memory(costs[call].activation_bytes),  # type: ignore[arg-type]
            ]
            for call, block in at.blocks.items()
            if call
        ]
        rows = page.locator(".grid-row").evaluate_all(
            "rows => rows.map(({ children }) => "
            "[4, 6, 7].map((at) => children[at].textContent.split(' +')[0]))"
        )
        assert rows == expected, sizes


def test_the_costs_of_levels_are_those_of_python(
    page: Page, tmp_path: Path, document: dict[str, Any]
) -> None:
    trace = resize(symbolic_trace())
    numbers = {level: number for number, level in enumerate(resolution_levels(trace))}
    page.goto(write_page(tmp_path / "levels.html", document, TABLES))
    page.get_by_role("tab", name="Costs").click()
    rows = page.get_by_role("table", name="By level and part").locator(".grid-row")
    expect(rows.first).to_be_visible()
    shown = rows.evaluate_all(
        "rows => rows.map((row) => [...row.children].map((c) => c.textContent))"
    )
    expected = [
        [
            "outside the levels"
            if one.level is None
            else f"level {numbers[one.level]}, {PARTS[one.part]}",
            number_format.count(one.cost.steps),
            number_format.count(one.cost.parameters),
            number_format.operations(one.cost.flops),  # type: ignore[arg-type]
            number_format.memory(one.cost.activation_bytes),  # type: ignore[arg-type]
        ]
        for one in level_costs(trace)
    ]
    assert shown == expected


# ------------------------------------------------------------------------------------------ tables


@pytest.fixture
def tables(page: Page, tmp_path: Path, document: dict[str, Any]) -> Page:
    page.goto(write_page(tmp_path / "tables.html", document, TABLES))
    expect(page.locator(".grid-row").first).to_be_visible()
    return page


def test_the_blocks_are_folded_and_sorted_by_cost_over_all_that_is_shown(tables: Page) -> None:
    rows = tables.locator(".grid-row")
    folded = rows.count()
    tables.get_by_role("button", name="Blocks inside down.0.block", exact=True).click()
    assert rows.count() > folded
    tables.get_by_role("columnheader", name="FLOPs").get_by_role("button").click()
    expect(tables.get_by_role("columnheader", name="FLOPs")).to_have_attribute(
        "aria-sort", "descending"
    )
    values = rows.evaluate_all("rows => rows.map((row) => row.children[6].textContent)")
    assert values == sorted(values, key=_flops, reverse=True)


def _flops(text: str) -> float:
    number, _, unit = text.partition(" ")
    return float(number) * {"": 1, "K": 1e3, "M": 1e6, "G": 1e9}[unit]


def test_a_row_pins_its_block_and_a_pinned_block_is_found_in_the_table(
    page: Page, tmp_path: Path, document: dict[str, Any]
) -> None:
    page.goto(write_page(tmp_path / "both.html", document, 'panes="map tables"'))
    page.get_by_role("button", name="Tables").click()
    page.locator(".grid-row", has_text="conv_out").click()
    page.get_by_role("button", name="Map", exact=True).click()
    expect(unit(page, "conv_out")).to_have_class(PINNED)
    unit(page, "down.0.block").dblclick()
    page.get_by_role("button", name=re.compile(r"^down\.0\.block\.conv, ")).click()
    page.get_by_role("button", name="Tables").click()
    expect(page.locator(".grid-row.selected")).to_contain_text("conv")


def test_a_row_of_the_stack_pins_its_skip_and_the_rules_say_what_fails(tables: Page) -> None:
    tables.get_by_role("tab", name="Skip stack").click()
    first = tables.locator(".grid-row").first
    first.click()
    expect(first).to_have_class(re.compile("selected"))
    tables.keyboard.press("ArrowRight")
    tables.get_by_role("tab", name="Size rules").click()
    expect(tables.locator(".grid")).to_contain_text("14 ≠ 15")
    tables.get_by_role("tab", name="Costs").click()
    expect(tables.locator(".grid").last).to_contain_text("conv2d")


@pytest.mark.parametrize("width", [390, 820, 1440])
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_nothing_is_wider_than_its_pane_and_no_phrase_is_missing(
    page: Page, tmp_path: Path, document: dict[str, Any], width: int, lang: str
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(write_page(tmp_path / "wide.html", document, f'lang="{lang}" {TABLES}'))
    expect(page.locator(".grid-row, .size").first).to_be_visible()
    for tab in page.locator(".tabs button").all():
        tab.click()
        assert (
            page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            == 0
        )
        text = page.locator("unet-explorer").inner_text()
        assert not re.search(
            r"\b[a-z]+_[a-z_]+\b(?!\.)",
            text.replace("conv_in", "").replace("conv_out", "").replace("temb_proj", ""),
        ), text
