"""Reading a function with its notes: scrolling, choosing lines, stepping, projecting, printing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

PAGE = "walk/resnet-block.html"
HEADINGS = ".ut-reading-notes [data-first]"
HEADER = 48  # pixels at the top that the page's own header covers
# The note whose heading is the first in sight: its place from the top, and its first line.
READ = f"""() => {{
    const notes = [...document.querySelectorAll("{HEADINGS}")];
    const read = notes.find((note) => note.getBoundingClientRect().top >= {HEADER});
    return [read.getBoundingClientRect().top, Number(read.dataset.first)];
}}"""


@pytest.fixture(params=["en", "ko"])
def reading(page: Page, address: str, request: pytest.FixtureRequest) -> Page:
    page.goto(f"{address}/{request.param}/{PAGE}")
    expect(marked(page).or_(page.locator(".row.current")).first).to_be_visible()
    return page


def marked(page: Page) -> Locator:
    return page.locator(".listing:not([hidden]) .row.marked")


def note(page: Page, number: int) -> tuple[Locator, str]:
    """The heading of a note, and its first line."""
    heading = page.locator(HEADINGS).nth(number)
    return heading, heading.get_attribute("data-first") or ""


def is_read(page: Page, line: str) -> None:
    """The note on a line stands at the top of the page, below the header."""
    page.wait_for_function(f"({READ})()[1] === {line}")
    assert page.evaluate(READ)[0] < HEADER + 120


@pytest.mark.smoke
def test_scrolling_marks_the_lines_of_the_note_and_takes_no_focus(reading: Page) -> None:
    heading, line = note(reading, 4)
    before = reading.evaluate("document.activeElement.tagName")
    heading.evaluate("(note) => window.scrollBy(0, note.getBoundingClientRect().top - 150)")
    expect(marked(reading).first).to_have_attribute("data-line", line)
    scrolled = reading.evaluate("window.scrollY")
    reading.wait_for_timeout(300)
    assert reading.evaluate("window.scrollY") == scrolled
    assert reading.evaluate("document.activeElement.tagName") == before
    expect(reading.locator(".callers .back")).to_have_count(0)


def test_choosing_a_line_shows_its_note_and_stepping_goes_on_from_there(reading: Page) -> None:
    _, first = note(reading, 3)
    code = reading.locator(f".row[data-line='{first}'] code")
    code.click(position={"x": 4, "y": 6})
    is_read(reading, first)
    _, second = note(reading, 2)
    reading.locator("unet-explorer .play").focus()
    reading.keyboard.press("ArrowUp")
    is_read(reading, second)
    reading.mouse.move(1100, 500)
    reading.mouse.wheel(0, 1500)
    expect(marked(reading).first).not_to_have_attribute("data-line", second)


def test_a_line_that_did_not_run_leads_to_its_note(reading: Page) -> None:
    spans = reading.locator(HEADINGS).evaluate_all(
        "notes => notes.map(note => [Number(note.dataset.first), Number(note.dataset.last)])"
    )
    idle = reading.locator(".listing:not([hidden]) .row.idle")
    lines = idle.evaluate_all("rows => rows.map(row => Number(row.dataset.line))")
    line, first = next(
        (line, first) for line in lines for first, last in spans if first < line <= last
    )
    reading.locator(f".row[data-line='{line}'] code").click(position={"x": 4, "y": 6})
    is_read(reading, str(first))
    anchor = reading.locator(f"[data-first='{first}']").get_attribute("id")
    expect(reading.locator(".md-nav--secondary a.ut-read")).to_have_attribute("href", f"#{anchor}")


def test_what_a_note_lists_is_that_of_the_chosen_call(reading: Page) -> None:
    listed = reading.locator(".ut-operations", has_text="temb_proj")
    expect(listed).to_contain_text("down.0.block.0.temb_proj")
    reading.locator(".chooser.call select").select_option(label="mid.block_1")
    expect(listed).to_contain_text("mid.block_1.temb_proj")
    expect(listed.locator(".ut-count")).to_contain_text("mid.block_1")
    expect(listed.locator(".ut-n").first).to_have_text("1×512")


def test_an_address_with_a_line_shows_its_note_and_marks_it(page: Page, address: str) -> None:
    page.goto(f"{address}/en/{PAGE}")
    _, line = note(page, 5)
    page.goto(f"{address}/en/walk/index.html")
    page.goto(f"{address}/en/{PAGE}#L{line}")
    expect(marked(page)).to_have_attribute("data-line", line)
    is_read(page, line)


def test_at_the_end_of_the_page_the_last_note_is_read(reading: Page) -> None:
    _, line = note(reading, -1)
    reading.mouse.move(1100, 500)
    reading.mouse.wheel(0, 100_000)
    expect(marked(reading).first).to_have_attribute("data-line", line)


def test_an_address_with_a_note_marks_its_lines_also_near_the_end(page: Page, address: str) -> None:
    page.goto(f"{address}/ko/{PAGE}")
    heading, line = note(page, -2)
    anchor = heading.get_attribute("id")
    page.goto(f"{address}/ko/walk/index.html")
    page.goto(f"{address}/ko/{PAGE}#{anchor}")
    expect(marked(page).first).to_have_attribute("data-line", line)


def test_the_notes_follow_the_switch_of_the_explorer(reading: Page) -> None:
    formula = reading.locator(".ut-reading-notes .ut-f").first
    expect(formula).to_be_hidden()
    reading.locator(".formula-switch [role=radio]").last.click()
    expect(formula).to_be_visible()
    reading.reload()
    expect(reading.locator(".formula-switch [role=radio]").last).to_have_attribute(
        "aria-checked", "true"
    )
    expect(formula).to_be_visible()


def test_on_a_phone_the_code_stays_above_the_notes(browser: Browser, address: str) -> None:
    size = {"width": 390, "height": 844}
    with browser.new_context(viewport=size, has_touch=True, is_mobile=True) as context:
        page = context.new_page()
        page.goto(f"{address}/ko/{PAGE}")
        expect(page.locator(".row.current")).to_be_visible()
        heading, line = note(page, 6)
        heading.evaluate("(note) => note.scrollIntoView()")
        expect(marked(page).first).to_have_attribute("data-line", line)
        expect(marked(page).first).to_be_in_viewport()
        expect(heading).to_be_in_viewport()
        box = page.locator("unet-explorer").bounding_box()
        assert box is not None
        assert box["height"] <= 0.46 * 844
        assert (heading.bounding_box() or box)["y"] >= box["y"] + box["height"]
        expect(page.locator(".transport")).to_be_hidden()
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) == 0


def test_a_projector_shows_one_note_at_a_time_by_keys(reading: Page) -> None:
    reading.locator(".ut-projector-bar [data-act=start]").click()
    headings = reading.locator(HEADINGS)
    expect(headings.nth(0)).to_be_visible()
    for key, number in (("ArrowRight", 1), ("PageDown", 2), ("ArrowLeft", 1)):
        reading.keyboard.press(key)
        visible = [at for at in range(headings.count()) if headings.nth(at).is_visible()]
        assert visible == [number], key
        expect(marked(reading).first).to_have_attribute("data-line", note(reading, number)[1])
    reading.keyboard.press("Escape")
    expect(headings.nth(2)).to_be_visible()
    expect(reading.locator(".ut-projector-bar [data-act=start]")).to_be_focused()
    is_read(reading, note(reading, 1)[1])


def test_a_projector_begins_at_the_note_that_is_read_and_shows_nothing_else(
    page: Page, address: str
) -> None:
    page.goto(f"{address}/en/walk/model.html#pop")
    is_read(page, page.locator("#pop").get_attribute("data-first") or "")
    page.locator(".ut-projector-bar [data-act=start]").click()
    expect(page.locator("#pop")).to_be_visible()
    page.keyboard.press("ArrowLeft")
    seen = page.locator(".ut-reading-notes > *").evaluate_all(
        "all => all.filter(one => one.checkVisibility()).map(one => one.matches('[data-first]'))"
    )
    assert seen.count(True) == 1
    assert seen[0] is True
    expect(page.locator(".ut-reading-notes ul:visible")).to_have_count(0)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Escape")
    is_read(page, page.locator("#pop").get_attribute("data-first") or "")


def test_print_has_the_function_whole_with_its_shapes_and_then_the_notes(reading: Page) -> None:
    reading.emulate_media(media="print")
    listing = reading.locator(".listing:not([hidden])")
    assert listing.evaluate("box => box.scrollHeight - box.clientHeight") <= 1
    expect(listing.locator(".row").last).to_contain_text("×")
    code = reading.locator("unet-explorer").bounding_box()
    heading = reading.locator(HEADINGS).first.bounding_box()
    assert code is not None
    assert heading is not None
    assert heading["y"] > code["y"] + code["height"]
    expect(reading.locator(".ut-projector-bar")).to_be_hidden()
