"""What a reader does with the source and the steps of an explorer: by keys, mouse and touch."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tracer.render.explorer.page import explorer_page
from tracer.reports import explored
from tracer.session import Session

CURRENT = ".row.current"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# What follows from a key is drawn with the next frame.
NEXT_FRAME = """() => new Promise((done) => requestAnimationFrame(() =>
    requestAnimationFrame(() => setTimeout(done, 60))))"""
COUNT_FLIGHTS = """
    window.flights = 0;
    const { animate } = Element.prototype;
    Element.prototype.animate = function (...given) {
        window.flights += 1;
        return animate.apply(this, given);
    };
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "tiny.html"
    path.write_text(explorer_page(explored(Session.open("tiny"))), encoding="utf-8")
    return path


@pytest.fixture
def explorer(page: Page, url: str) -> Page:
    page.goto(url)
    expect(page.locator(CURRENT).first).to_be_visible()
    return page


def row(page: Page, code: str) -> Locator:
    """The rows of the shown function whose code contains a text."""
    return page.locator(".listing:not([hidden]) .row", has=page.locator("code", has_text=code))


def current(page: Page) -> str:
    """The code of the current line, without the blanks around it."""
    page.evaluate(NEXT_FRAME)
    code = page.locator(f".listing:not([hidden]) {CURRENT} code").first
    return (code.text_content() or "").strip()


def function(page: Page) -> str:
    page.evaluate(NEXT_FRAME)
    return page.locator(".callers b").text_content() or ""


def chooser(page: Page, name: str) -> Locator:
    return page.get_by_role("combobox", name=name, exact=True)


def go_to_join(page: Page) -> None:
    """Make the first concatenation with a skip the current line."""
    row(page, "torch.cat([h, hs.pop()]").locator("code").click()
    expect(page.locator(CURRENT).first).to_contain_text("self.up[i_level]")


def test_a_function_is_shown_whole_with_shapes_before_and_after(explorer: Page) -> None:
    assert function(explorer) == "Model.forward"
    numbers = explorer.locator(".listing:not([hidden]) .number:not(code *)").all_text_contents()
    lines = [int(number) for number in numbers]
    assert lines == list(range(lines[0], lines[-1] + 1))
    expect(row(explorer, "def forward").locator(".shapes")).to_contain_text("x 1×3×16×16")
    expect(row(explorer, "temb.dense[0]").locator(".shapes")).to_have_text(
        re.compile(r"temb 1×32\s*→\s*1×128")
    )


def test_lines_that_did_not_run_say_so(explorer: Page) -> None:
    expect(row(explorer, "torch.cat((x, context)")).to_have_class(re.compile("idle"))
    expect(row(explorer, "torch.cat((x, context)")).to_contain_text("did not run in this call")
    for ran in ("hs.append(h)", "for i_level in range", "if self.use_timestep"):
        expect(row(explorer, ran).first).not_to_have_class(re.compile("idle"))


def test_arrow_keys_go_through_the_run_into_calls_and_over_them(explorer: Page) -> None:
    explorer.keyboard.press("ArrowDown")
    assert current(explorer).startswith("temb = self.temb.dense[0](temb)")
    explorer.keyboard.press("ArrowDown")
    assert current(explorer).startswith("temb = nonlinearity(temb)")
    explorer.keyboard.press("ArrowRight")
    assert function(explorer) == "nonlinearity"
    explorer.keyboard.press("Shift+ArrowUp")
    assert (function(explorer), current(explorer)) == ("Model.forward", "temb = nonlinearity(temb)")
    explorer.keyboard.press("Shift+ArrowDown")
    assert function(explorer) == "nonlinearity"
    explorer.keyboard.press("Shift+ArrowRight")
    expect(chooser(explorer, "Call").locator("option:checked")).to_contain_text("down.0.block.0")
    explorer.keyboard.press("ArrowLeft")
    assert function(explorer) == "ResnetBlock.forward"


def test_a_call_in_the_code_opens_its_function_with_a_way_back(explorer: Page) -> None:
    row(explorer, "self.down[i_level].block").locator(".callee").click()
    assert function(explorer) == "ResnetBlock.forward"
    expect(row(explorer, "def forward")).to_contain_text("temb 1×128")
    explorer.get_by_role("button", name="Back").click()
    assert function(explorer) == "Model.forward"
    row(explorer, "self.mid.attn_1").locator(".callee").focus()
    explorer.keyboard.press("Enter")
    assert function(explorer) == "AttnBlock.forward"
    explorer.keyboard.press("Backspace")
    assert function(explorer) == "Model.forward"
    row(explorer, "self.down[i_level].block").locator(".callee").click()
    explorer.locator(".callers").get_by_role("button", name=re.compile("Model.forward:")).click()
    assert function(explorer) == "Model.forward"


def test_a_module_without_code_of_its_own_is_pinned_instead(explorer: Page) -> None:
    row(explorer, "self.conv_in(x)").locator(".callee").click()
    assert function(explorer) == "Model.forward"
    expect(explorer.locator("[data-pane=stack]")).to_contain_text("conv_in")


def test_another_call_of_the_same_function_shows_its_shapes(explorer: Page) -> None:
    chooser(explorer, "Function").select_option(label="ResnetBlock.forward")
    first = row(explorer, "self.conv1(h)").locator(".shapes").text_content()
    chooser(explorer, "Call").select_option(label="up.0.block.0")
    expect(row(explorer, "self.conv1(h)").locator(".shapes")).not_to_have_text(first or "")
    explorer.get_by_role("button", name="Previous call of this function").click()
    expect(chooser(explorer, "Call").locator("option:checked")).not_to_have_text("up.0.block.0")


def test_pointing_at_a_name_lights_its_uses(explorer: Page) -> None:
    row(explorer, "temb = nonlinearity(temb)").locator("[data-name=temb]").first.hover()
    lit = explorer.locator(".listing:not([hidden]) code .lit")
    assert set(lit.all_text_contents()) == {"temb"}
    assert lit.count() > 6
    explorer.mouse.move(1, 1)
    expect(lit).to_have_count(0)


def test_a_name_among_the_tensors_held_lights_its_uses_by_keys(explorer: Page) -> None:
    explorer.locator(".held").get_by_role("button", name="temb").focus()
    expect(explorer.locator(".listing:not([hidden]) code .lit").first).to_have_text("temb")


def test_the_stack_grows_and_its_top_goes_into_the_join(explorer: Page) -> None:
    cards = explorer.locator(".pile .card")
    row(explorer, "hs = [self.conv_in(x)]").locator("code").click()
    expect(cards).to_have_count(1)
    row(explorer, "hs.append(h)").locator("code").click()
    expect(cards).to_have_count(2)
    go_to_join(explorer)
    figure = explorer.get_by_role("figure")
    expect(figure).to_have_attribute("aria-label", re.compile(r"^cat \[\d+ \| \d+\] → \d+$"))
    left, skip, total = map(int, re.findall(r"\d+", figure.get_attribute("aria-label") or ""))
    assert left + skip == total
    held = cards.count()
    explorer.keyboard.press("ArrowDown")
    while not explorer.get_by_role("figure").count():
        explorer.keyboard.press("ArrowDown")
    expect(cards).to_have_count(held - 1)


def test_the_block_of_a_call_that_spans_lines_is_marked_on_the_map(explorer: Page) -> None:
    go_to_join(explorer)
    running = explorer.locator(".map-svg .unit.now")
    expect(running.first).to_have_attribute("aria-label", re.compile(r"^up\.2\.block\.0,"))


def test_at_the_end_the_stack_is_empty(explorer: Page) -> None:
    explorer.keyboard.press("End")
    expect(explorer.locator(".pile .card")).to_have_count(0)
    assert current(explorer) == "return h"


def test_a_line_in_a_loop_shows_which_run_it_is_and_leads_to_the_others(explorer: Page) -> None:
    repeats = row(explorer, "hs.append(h)").locator(".repeats")
    expect(repeats).to_contain_text("1/")
    repeats.get_by_role("button", name="Later run of this line").click()
    expect(repeats).to_contain_text("2/")
    assert current(explorer) == "hs.append(h)"
    expect(explorer.locator(".pile .card")).to_have_count(4)


def test_loop_variables_are_shown_where_they_are_set_and_beside_the_stack(explorer: Page) -> None:
    go_to_join(explorer)
    values = explorer.get_by_label("Loop variables")
    expect(values).to_contain_text(re.compile(r"i_level\s*\d"))
    explorer.keyboard.press("ArrowDown")
    header = row(explorer, "for i_block in range(self.num_res_blocks + 1)")
    expect(header.locator(".set")).to_have_text("i_block = 1")


def test_play_goes_on_until_it_is_paused(explorer: Page) -> None:
    explorer.get_by_label("Speed").select_option("5×")
    explorer.keyboard.press("Escape")
    start = explorer.locator(".position").text_content() or ""
    explorer.get_by_role("button", name="Play").click()
    expect(explorer.locator(".position")).not_to_have_text(start)
    explorer.get_by_role("button", name="Pause").click()
    stopped = explorer.locator(".position").text_content() or ""
    explorer.wait_for_timeout(500)
    expect(explorer.locator(".position")).to_have_text(stopped)


def test_the_step_is_in_the_address_and_is_found_again(explorer: Page) -> None:
    row(explorer, "self.down[i_level].block").locator(".callee").click()
    explorer.wait_for_url(re.compile(r"#!call=down\.0\.block\.0&step=\d+"))
    explorer.reload()
    expect(explorer.locator(".callers b")).to_have_text("ResnetBlock.forward")
    explorer.evaluate("location.hash = '#!call=mid.attn_1'")
    expect(explorer.locator(".callers b")).to_have_text("AttnBlock.forward")


def test_what_is_selected_is_told_to_the_page(explorer: Page) -> None:
    explorer.evaluate(
        "addEventListener('explorer-select', (event) => { window.seen = event.detail })"
    )
    row(explorer, "self.mid.attn_1").locator(".callee").click()
    seen = explorer.evaluate("window.seen")
    assert (seen["call"], seen["function"]) == ("mid.attn_1", "AttnBlock.forward")
    explorer.evaluate("document.querySelector('unet-explorer').select({call: 'down.0.block.0'})")
    expect(explorer.locator(".callers b")).to_have_text("ResnetBlock.forward")


def test_the_keys_are_listed(explorer: Page) -> None:
    explorer.keyboard.press("?")
    expect(explorer.get_by_role("region", name="Buttons and keys")).to_contain_text("over calls")
    explorer.keyboard.press("Escape")
    expect(explorer.get_by_role("region", name="Buttons and keys")).to_have_count(0)


def test_the_language_can_be_changed(explorer: Page) -> None:
    explorer.get_by_role("button", name="한국어").click()
    expect(row(explorer, "torch.cat((x, context)")).to_contain_text("실행되지 않음")


def test_cards_do_not_move_where_motion_is_unwelcome(browser: Browser, url: str) -> None:
    for motion, moves in (("reduce", False), ("no-preference", True)):
        with browser.new_context(reduced_motion=motion) as context:
            page = context.new_page()
            page.add_init_script(COUNT_FLIGHTS)
            page.goto(url)
            row(page, "hs = [self.conv_in(x)]").locator("code").click()
            page.wait_for_timeout(300)
            row(page, "hs.append(h)").locator("code").click()
            page.wait_for_timeout(300)
            assert bool(page.evaluate("window.flights")) is moves, motion


def test_on_a_phone_panes_are_tabs_and_steps_are_at_hand(browser: Browser, url: str) -> None:
    size = {"width": 390, "height": 844}
    with browser.new_context(viewport=size, has_touch=True, is_mobile=True) as context:
        page = context.new_page()
        page.goto(url)
        assert page.evaluate(TOO_WIDE) == 0
        row(page, "hs = [self.conv_in(x)]").locator(".number").tap()
        page.get_by_role("button", name="Next line of this function").tap()
        page.locator(".tabs").get_by_role("button", name="Skip stack").tap()
        expect(page.locator(".pile .card")).to_have_count(1)
        assert page.evaluate(TOO_WIDE) == 0
        page.locator(".pile .card button").tap()
        expect(page.locator(".pile .card button")).to_have_attribute("aria-pressed", "true")


def test_print_shows_the_whole_source_and_no_controls(explorer: Page) -> None:
    explorer.emulate_media(media="print")
    expect(explorer.locator(".transport")).to_be_hidden()
    expect(row(explorer, "return h").last).to_be_visible()
    box = explorer.locator(".listing:not([hidden])")
    assert box.evaluate("box => box.scrollHeight - box.clientHeight") <= 1
