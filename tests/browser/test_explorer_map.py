"""The map, the card, the sizes and the tables of the explorer: by mouse, by touch and by keys."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.explorer_page import toy_document, with_inner_map, write_page
from tests.render.symbolic_costs import symbolic_trace
from tracer.algebra.substitute import resize
from tracer.analysis.costs import cost
from tracer.analysis.costs.by_resolution import level_costs
from tracer.analysis.levels import resolution_levels
from tracer.render import number_format

PINNED = re.compile(r"\bpinned\b")
NOW = re.compile(r"\bnow\b")
FAILING = re.compile(r"\bfailing\b")
ON_MAP = 'panes="map sizes"'
TABLES = 'panes="tables sizes"'
PARTS = {"encoder": "encoder", "middle": "bottleneck", "decoder": "decoder", "side": "side"}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return toy_document()


@pytest.fixture
def opened(page: Page, tmp_path: Path, document: dict[str, Any]) -> Page:
    page.goto(write_page(tmp_path / "map.html", document, ON_MAP))
    expect(unit(page, "conv_in")).to_be_visible()
    return page


def unit(page: Page, name: str) -> Locator:
    return page.locator(f'.map-svg .unit[aria-label^="{name}, "]')


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


def test_a_map_inside_the_map_opens_with_a_way_back(
    page: Page, tmp_path: Path, document: dict[str, Any]
) -> None:
    page.goto(write_page(tmp_path / "nested.html", with_inner_map(document), ON_MAP))
    page.locator(".enter").click()
    crumbs = page.get_by_role("navigation", name="Maps")
    expect(crumbs).to_contain_text("inner")
    crumbs.get_by_role("button", name="ToyUNet").click()
    expect(crumbs).to_have_count(0)


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
    expect(opened.locator(".skip-edge.failing")).to_contain_text("15 ≠ 14")
    expect(unit(opened, "conv_in")).to_have_attribute("aria-label", "conv_in, Conv2d, 1×8×16×16")
    message.get_by_role("button", name="H = 14").click()
    expect(message).to_be_empty()
    expect(opened.locator(".unit.failing")).to_have_count(0)
    expect(unit(opened, "conv_in")).to_have_attribute("aria-label", "conv_in, Conv2d, 1×8×14×16")


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
    expect(tables.locator(".grid")).to_contain_text("15 ≠ 14")
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
    for tab in page.locator(".tabs button").all() or [None]:
        if tab:
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
