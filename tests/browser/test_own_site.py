"""A site of one's own model, and blocks in a foreign project, by each builder in each language."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import ThreadingHTTPServer
from importlib.metadata import version
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Quiet
from tests.conftest import ROOT
from tests.site.builders import BUILDERS, builder_program
from tests.site.foreign_project import write_foreign_project
from tests.site.left_over_english import left_over_english
from tests.user_code import UNET, write

MODULE = "unet_trace.markdown"
PYTHON = (sys.executable, "-m", "unet_trace")
PAGES = ("index", "source", "stack", "sizes", "tables")
TITLES = [("en", "Skip stack"), ("ko", "스킵 스택")]
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"

SAID = """() => {
    const found = [];
    const read = (node) => {
        if (node.nodeType === Node.TEXT_NODE) found.push(node.data);
        if (node.matches?.("code, pre, script, style, [lang=en], [hreflang=en]")) return;
        for (const name of ["alt", "aria-label", "placeholder", "title"])
            found.push(node.getAttribute?.(name) ?? "");
        if (node.shadowRoot) read(node.shadowRoot);
        node.childNodes.forEach(read);
    };
    read(document.body);
    return found.join("\\n");
}"""
NAMES_OF_KEYS = ("Backspace", "Ctrl", "End", "Enter", "Home", "Shift", "Space")


def build(folder: Path, *words: str) -> None:
    """Run a program in a folder."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a folder on a server, which the pages of Zensical need."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finished site of a model, with one note."""
    folder = tmp_path_factory.mktemp("own")
    write(folder, "my.py", UNET, "\nnet = UNet()\n")
    words = (*PYTHON, "site", "my.py:net", "--notes", "notes", "--sources", "pages", "-o", "site")
    build(folder, *words)
    path = folder / "notes" / "my.UNet.forward.yaml"
    text = path.read_text(encoding="utf-8")
    at = text.index('en: ""', text.index("hs = [self.conv_in(x)]"))
    path.write_text(f'{text[:at]}en: "The first push."{text[at + 6 :]}', encoding="utf-8")
    build(folder, *words)
    return folder / "site"


@pytest.mark.parametrize(("language", "stack"), TITLES)
def test_each_page_explores_the_model_from_a_disk(
    page: Page, own: Path, language: str, stack: str
) -> None:
    for name in PAGES:
        page.goto(f"file://{own}/{language}/{name}.html")
        expect(page.locator("unet-explorer .top-bar")).to_contain_text("UNet")
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate(TOO_WIDE) == 0
        page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"file://{own}/{language}/source.html")
    pile = page.locator("unet-explorer [data-pane=stack]")
    expect(pile).to_contain_text("hs")
    expect(pile).to_contain_text("1×8×64×64")
    expect(page.locator(".md-nav--primary").first).to_contain_text(stack)


def test_a_note_stands_beside_its_line_also_on_the_pages_of_the_other_language(
    page: Page, own: Path
) -> None:
    for language in ("en", "ko"):
        page.goto(f"file://{own}/{language}/functions/my.UNet.forward.html")
        expect(page.locator(".ut-reading-notes")).to_contain_text("The first push.")
        expect(page.locator(".ut-reading unet-explorer")).to_contain_text("forward")


def test_an_explorer_on_a_korean_page_says_all_in_korean(page: Page, own: Path) -> None:
    """Opened on each page, with a block that is selected, a size that fails, and each table."""
    code = (own.parent / "my.py").read_text(encoding="utf-8")
    ran = [code, "add", "interpolate", version("torch"), version("unet-trace")]

    def english() -> set[str]:
        return left_over_english(page.evaluate(SAID), [*ran, *NAMES_OF_KEYS])

    for name in PAGES:
        page.goto(f"file://{own}/ko/{name}.html")
        expect(page.locator("unet-explorer .top-bar")).to_contain_text("UNet")
        assert english() == set(), name
    for tab in ("스킵 스택", "비용", "크기 규칙"):
        page.get_by_role("tab", name=tab).click()
        expect(page.get_by_role("tabpanel", name=tab)).to_be_visible()
        assert english() == set(), tab
    page.goto(f"file://{own}/ko/index.html")
    page.locator('.map-svg .unit[aria-label^="conv_in, "]').click()
    expect(page.locator(".pin-card")).to_contain_text("커널 3×3")
    page.fill("#size-H", "63")
    expect(page.locator(".sizes-message")).to_contain_text("실행할 수 없는 크기")
    page.get_by_role("button", name="단축키").click()
    assert english() == set()


def test_a_page_leads_to_the_same_page_in_the_other_language(page: Page, own: Path) -> None:
    page.goto(f"file://{own}/en/stack.html")
    link = page.locator("a[hreflang=ko]").first
    assert (link.get_attribute("href") or "").endswith("../ko/stack.html")


@pytest.fixture(scope="module")
def own_by_zensical(own: Path) -> Iterator[str]:
    """The address of the same site, built by Zensical from the pages that were kept."""
    pages = own.parent / "pages"
    for language, _ in TITLES:
        zensical = builder_program("zensical")
        build(pages, zensical, "build", "--strict", "-f", f"mkdocs.{language}.yml")
    with served(pages / "site") as address:
        yield address


@pytest.mark.parametrize(("language", "stack"), TITLES)
def test_zensical_builds_the_same_site(
    page: Page, own_by_zensical: str, language: str, stack: str
) -> None:
    for name in PAGES:
        page.goto(f"{own_by_zensical}/{language}/{name}.html")
        expect(page.locator("unet-explorer .top-bar")).to_contain_text("UNet")
    page.goto(f"{own_by_zensical}/{language}/functions/my.UNet.forward.html")
    expect(page.locator(".ut-reading-notes")).to_contain_text("The first push.")
    page.goto(f"{own_by_zensical}/{language}/stack.html")
    expect(page.locator("nav.md-tabs")).to_contain_text(stack)
    expect(page.locator("unet-explorer [data-pane=stack]")).to_contain_text("1×8×64×64")


@pytest.fixture(scope="module", params=BUILDERS)
def foreign(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of the page of a foreign project."""
    folder = tmp_path_factory.mktemp("foreign")
    write(folder, "my.py", UNET)
    write_foreign_project(folder, "my.py:UNet", MODULE)
    build(folder, builder_program(request.param), "build", "--strict")
    with served(folder / "site") as address:
        yield f"{address}/index.html"


@pytest.fixture
def blocks(page: Page, foreign: str) -> Locator:
    """The three blocks of the page."""
    page.goto(foreign)
    explorers = page.locator("unet-explorer")
    expect(explorers).to_have_count(3)
    return explorers


def test_blocks_in_a_foreign_project_show_the_model(blocks: Locator) -> None:
    expect(blocks.nth(0).locator("[data-pane=map] svg").first).to_be_visible()
    expect(blocks.nth(1)).to_contain_text("변수에 담긴 텐서")
    expect(blocks.nth(1)).to_contain_text("hs = [self.")
    blocks.nth(2).scroll_into_view_if_needed()
    expect(blocks.nth(2)).to_contain_text("my.py:UNet --size 32")
    expect(blocks.nth(2)).to_contain_text("1×3×32×32")


def test_a_block_is_used_in_both_languages(page: Page, blocks: Locator) -> None:
    first, second = blocks.nth(0), blocks.nth(1)
    first.locator('.map-svg .unit[aria-label^="conv_in, "]').click()
    expect(first.locator(".pin-card")).to_contain_text("kernel 3×3")
    first.get_by_role("button", name="한국어").click()
    expect(first.locator(".pin-card")).to_contain_text("커널 3×3")
    second.locator(".row", has_text="h = self.up(").locator("code").first.click()
    expect(second.locator("[data-pane=stack]")).to_contain_text("UNet.forward:17")
    expect(second.locator("[data-pane=stack]")).to_contain_text("텐서 1개")
    page.keyboard.press("ArrowUp")
    expect(second.locator("[data-pane=stack]")).to_contain_text("UNet.forward:16")
