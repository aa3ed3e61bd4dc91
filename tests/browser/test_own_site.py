"""A site of somebody's own model, and blocks in a foreign project, in both languages.

With UNET_TRACE_ZENSICAL, or Zensical on the search path, the foreign project is built by it, too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Quiet
from tests.conftest import ROOT
from tests.site.foreign_project import write_foreign_project
from tests.site.test_zensical import PROGRAM
from tests.user_code import UNET, write

MODULE = "unet_trace.markdown"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def build(folder: Path, *words: str) -> None:
    """Run a program in a folder."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finished site of a model, with one note."""
    folder = tmp_path_factory.mktemp("own")
    write(folder, "my.py", UNET, "\nnet = UNet()\n")
    python = (sys.executable, "-m", "unet_trace")
    build(folder, *python, "site", "my.py:net", "--notes", "notes", "-o", "site")
    path = folder / "notes" / "my.UNet.forward.yaml"
    text = path.read_text(encoding="utf-8")
    at = text.index('en: ""', text.index("hs = [self.conv_in(x)]"))
    path.write_text(f'{text[:at]}en: "The first push."{text[at + 6 :]}', encoding="utf-8")
    build(folder, *python, "site", "my.py:net", "--notes", "notes", "-o", "site")
    return folder / "site"


@pytest.mark.parametrize(("language", "stack"), [("en", "Skip stack"), ("ko", "스킵 스택")])
def test_each_page_explores_the_model_from_a_disk(
    page: Page, own: Path, language: str, stack: str
) -> None:
    for name in ("index", "source", "stack", "sizes", "tables"):
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


def test_a_page_leads_to_the_same_page_in_the_other_language(page: Page, own: Path) -> None:
    page.goto(f"file://{own}/en/stack.html")
    link = page.locator("a[hreflang=ko]").first
    assert (link.get_attribute("href") or "").endswith("../ko/stack.html")


@pytest.fixture(scope="module", params=["mkdocs", "zensical"])
def foreign(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of the page of a foreign project. A page of Zensical needs a server."""
    if request.param == "zensical" and PROGRAM is None:
        pytest.skip("Zensical is not installed")
    folder = tmp_path_factory.mktemp("foreign")
    write(folder, "my.py", UNET)
    write_foreign_project(folder, "my.py:UNet", MODULE)
    mkdocs = shutil.which("mkdocs", path=str(Path(sys.executable).parent))
    program = str(mkdocs if request.param == "mkdocs" else PROGRAM)
    build(folder, program, "build", "--strict")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder / "site")) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()


def test_blocks_in_a_foreign_project_explore_the_model(page: Page, foreign: str) -> None:
    page.goto(foreign)
    explorers = page.locator("unet-explorer")
    expect(explorers).to_have_count(3)
    expect(explorers.nth(0).locator("[data-pane=map] svg").first).to_be_visible()
    expect(explorers.nth(1)).to_contain_text("변수에 담긴 텐서")
    expect(explorers.nth(1)).to_contain_text("hs = [self.")
    explorers.nth(2).scroll_into_view_if_needed()
    expect(explorers.nth(2)).to_contain_text("my.py:UNet --size 32")
    expect(explorers.nth(2)).to_contain_text("1×3×32×32")
