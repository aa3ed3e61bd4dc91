"""What a reader does on the site."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.pages import PAGES

SEARCH = "input.md-search__input"
CONV_IN = "[id='ddpm-cifar10-n_conv_in']"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def search(page: Page, words: str) -> None:
    """Type into the search field, as a keyboard or an input method does."""
    page.click(SEARCH)
    page.fill(SEARCH, words)
    page.press(SEARCH, "End")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_no_page_is_wider_than_a_phone(page: Page, address: str, language: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    for name in PAGES:
        page.goto(f"{address}/{language}/{name}.html", wait_until="domcontentloaded")
        assert page.evaluate(TOO_WIDE) == 0, name


@pytest.mark.smoke
def test_pointing_at_a_block_highlights_the_other_end_of_its_skip(page: Page, address: str) -> None:
    page.goto(f"{address}/en/map.html")
    page.hover('[id="ddpm-cifar10-n_down_0_downsample"] text >> nth=0')
    hot = page.locator('[id="ddpm-cifar10-n_up_1_block_2"].hot')
    expect(hot).to_have_count(1)
    expect(page.locator("g.edge.hot")).to_have_count(1)
    page.mouse.move(5, 5)
    expect(hot).to_have_count(0)


def test_blocks_are_reached_with_the_keyboard(page: Page, address: str) -> None:
    page.goto(f"{address}/en/map.html")
    page.focus('[id="ddpm-cifar10-n_conv_in"] a')
    expect(page.locator('[id="ddpm-cifar10-n_up_0_block_2"].hot')).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url("**/en/shapes/ddpm-cifar10.html#conv_in")
    expect(page.locator("tr:target")).to_contain_text("Conv2d")


def test_a_row_leads_to_the_map_and_to_the_code(page: Page, address: str) -> None:
    page.goto(f"{address}/ko/shapes/ddpm-cifar10.html#down.0.block.0")
    row = page.locator("tr:target")
    row.get_by_role("link", name="ResnetBlock").click()
    page.wait_for_url("**/ko/walk/resnet-block.html")
    page.go_back()
    row.get_by_role("link", name="지도에서 보기").click()
    page.wait_for_url("**/ko/map.html#ddpm-cifar10-n_down_0_block_0")


@pytest.mark.smoke
def test_the_language_link_keeps_the_anchor(page: Page, address: str) -> None:
    page.goto(f"{address}/en/walk/model.html#pop")
    page.hover("button[aria-label='Select language']")
    page.click("a[hreflang=ko].md-select__link")
    page.wait_for_url("**/ko/walk/model.html#pop")
    assert page.evaluate("document.documentElement.lang") == "ko"


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize(
    ("name", "anchor"),
    [
        ("walk/model", "pop"),
        ("guide/sizes", "explain"),
        ("shapes/ddpm-cifar10", "mid.attn_1"),
    ],
)
def test_the_language_link_keeps_the_place_that_was_scrolled_to(
    page: Page, address: str, name: str, anchor: str, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{address}/ko/{name}.html")
    place = page.locator(f"[id='{anchor}']")
    place.evaluate("one => one.scrollIntoView()")
    page.locator("a[hreflang=en].md-select__link").dispatch_event("click")
    page.wait_for_url(f"**/en/{name}.html#{anchor}")
    expect(place).to_be_in_viewport()


def test_at_the_top_of_a_page_the_language_link_has_no_anchor(page: Page, address: str) -> None:
    page.goto(f"{address}/ko/guide/sizes.html")
    page.locator("a[hreflang=en].md-select__link").dispatch_event("click")
    page.wait_for_url("**/en/guide/sizes.html")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_for_wrong_addresses_leads_home_from_any_depth(
    page: Page, address: str, site: Path, language: str
) -> None:
    wrong = f"{address}/en/walk/there/is/nothing.html"
    page.route(wrong, lambda route: route.fulfill(path=site / "404.html"))
    page.goto(wrong)
    page.get_by_role("link", name={"en": "Home", "ko": "홈"}[language]).click()
    page.wait_for_url(f"{address}/{language}/index.html")


@pytest.mark.parametrize(("locale", "language"), [("ko-KR", "ko"), ("en-GB", "en"), ("fr", "en")])
def test_the_root_redirects_to_the_language_of_the_browser(
    browser: Browser, address: str, locale: str, language: str
) -> None:
    with browser.new_context(locale=locale) as context:
        page = context.new_page()
        page.goto(f"{address}/index.html")
        page.wait_for_url(f"**/{language}/index.html")


def test_the_chosen_language_is_stored(page: Page, address: str) -> None:
    page.goto(f"{address}/en/index.html")
    page.hover("button[aria-label='Select language']")
    page.click("a[hreflang=ko].md-select__link")
    page.wait_for_url("**/ko/index.html")
    page.goto(f"{address}/index.html")
    page.wait_for_url("**/ko/index.html")


def test_without_scripts_the_root_has_plain_links(browser: Browser, address: str) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{address}/index.html")
        page.get_by_role("link", name="한국어").click()
        page.wait_for_url("**/ko/index.html")


@pytest.mark.parametrize(
    ("language", "words", "wanted"),
    [
        ("ko", "그룹정규화", "그룹 정규화"),
        ("ko", "그룹 정규화", "그룹 정규화"),
        ("ko", "정규화는", "정규화"),
        ("ko", "스킵커넥션", "스킵"),
        ("ko", "hs.pop", "hs.pop"),
        ("ko", "컨볼루션", "합성곱"),
        ("en", "normalisation", "normalization"),
        ("en", "normalization", "normalization"),
        ("en", "visualise", "diagram"),
        ("en", "hs.pop", "hs.pop"),
        ("en", "SiLU", "swish"),
        ("en", "bottleneck", "middle"),
    ],
)
def test_search_finds_what_people_type_and_calls_nothing_missing(
    page: Page, address: str, language: str, words: str, wanted: str
) -> None:
    page.goto(f"{address}/{language}/index.html")
    search(page, words)
    first = page.locator(".md-search-result__item").first
    expect(first.locator("mark").first).to_be_visible()
    assert wanted.split()[0].lower() in (first.text_content() or "").lower()
    for article in first.locator("article").all():
        text = (article.text_content() or "").lower()
        for missing in article.locator(".md-search-result__terms del").all_text_contents():
            assert text.count(missing.lower()) == 1, missing  # only where it is called missing


@pytest.mark.parametrize("language", ["en", "ko"])
def test_search_lands_on_the_note_of_a_line(page: Page, address: str, language: str) -> None:
    page.goto(f"{address}/{language}/index.html")
    search(page, "norm1")
    link = page.locator(".md-search-result__link[href*='resnet-block.html']", has_text="norm1")
    expect(link.and_(page.locator("[href*='#norm1']")).first).to_be_attached()


@pytest.mark.parametrize("words", ["정규화", "정규화는"])
def test_korean_search_finds_a_word_inside_a_longer_one(
    page: Page, address: str, words: str
) -> None:
    page.goto(f"{address}/ko/index.html")
    page.route("**/search_index.json", lambda route: route.fulfill(body=INDEX))
    page.reload()
    search(page, words)
    expect(page.locator(".md-search-result__meta")).to_contain_text("1")
    expect(page.locator(".md-search-result mark").first).to_have_text("그룹정규화를")


INDEX = """{"config": {"lang": ["ko"], "separator": "[\\\\s]+", "pipeline": [],
"fields": {"title": {"boost": 1000}, "text": {"boost": 1}, "tags": {"boost": 1000000}}}, "docs": [
{"location": "a.html", "title": "블록", "text": "<p>첫 줄은 그룹정규화를 적용합니다.</p>"},
{"location": "b.html", "title": "스택", "text": "<p>스킵 연결을 보관합니다.</p>"}]}"""


@pytest.mark.smoke
@pytest.mark.parametrize(
    ("language", "words"), [("ko", "forward"), ("ko", "32"), ("en", "forward"), ("en", "GroupNorm")]
)
def test_search_finds_code_and_sizes(page: Page, address: str, language: str, words: str) -> None:
    page.goto(f"{address}/{language}/index.html")
    search(page, words)
    expect(page.locator(".md-search-result__item").first).to_be_visible()


@pytest.mark.smoke
def test_the_site_works_from_disk(page: Page, site: Path) -> None:
    page.goto((site / "ko" / "index.html").as_uri())
    page.get_by_role("link", name="전체 지도").first.click()
    page.wait_for_url("**/ko/map.html")
    search(page, "정규화")
    expect(page.locator(".md-search-result__item").first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_diagram_follows_the_palette(browser: Browser, address: str, scheme: str) -> None:
    with browser.new_context(color_scheme=scheme) as context:
        page = context.new_page()
        page.goto(f"{address}/en/map.html")
        box, words, *_ = (
            sum(map(int, re.findall(r"\d+", colour))) / 3
            for colour in page.locator(f"{CONV_IN} :is(polygon, text)").evaluate_all(
                "found => found.map(element => getComputedStyle(element).fill)"
            )
        )
    assert (box > 200 and words < 80) if scheme == "light" else (box < 80 and words > 200)


def test_differing_shapes_can_be_expanded(page: Page, address: str) -> None:
    page.goto(f"{address}/en/walk/resnet-block.html")
    seen = page.locator("#conv1 ~ .ut-seen details").first
    expect(seen.locator("table")).to_be_hidden()
    seen.locator("summary").click()
    expect(seen.locator("table")).to_be_visible()
    expect(seen.get_by_role("link", name="up.3.block.0")).to_be_visible()
