"""A notebook that is executed with nothing but the wheel shows an explorer, light and dark.

`make wheel` runs this; it needs Chromium.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import browser
from tests.test_wheel import Environment, installed, wheel
from tests.user_code import UNET

__all__ = ["browser", "installed", "wheel"]

pytestmark = [pytest.mark.nightly, pytest.mark.browser, pytest.mark.slow]

CELL = """
import tracer
from unet import UNet

tracer.explore(UNet(), inputs=(1, 3, 8, 8))
"""
EXECUTE = """
import nbclient, nbformat
from nbformat.v4 import new_code_cell, new_notebook

notebook = new_notebook(cells=[new_code_cell(open("cell.py").read())])
nbclient.NotebookClient(notebook, timeout=300).execute()
nbformat.write(notebook, "done.ipynb")
"""
AROUND = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>A notebook</title>
<body style="margin:16px; font-family:sans-serif; background:{background}; color:{text}">
<div class="output">{output}</div>
"""
"""As a notebook shows an output: in a page of its own colors, which no media query tells."""


@dataclass(frozen=True)
class Theme:
    """The colors of a notebook around its outputs."""

    background: str
    text: str
    is_dark: bool


THEMES = {
    "light": Theme("white", "#212121", False),
    "dark": Theme("#111111", "#e0e0e0", True),
}


@pytest.fixture(scope="module")
def output(installed: Environment) -> str:
    """What the notebook shows below its cell, as HTML."""
    installed.install("nbclient", "ipykernel")
    (installed.folder / "unet.py").write_text(dedent(UNET), encoding="utf-8")
    (installed.folder / "cell.py").write_text(CELL, encoding="utf-8")
    installed.run("python", "-c", EXECUTE)
    notebook = json.loads((installed.folder / "done.ipynb").read_text(encoding="utf-8"))
    (shown,) = notebook["cells"][0]["outputs"]
    html: str | list[str] = shown["data"]["text/html"]
    return "".join(html)


@pytest.mark.parametrize("name", THEMES)
def test_an_output_is_an_explorer_in_the_colors_of_the_notebook(
    browser: Browser, tmp_path: Path, output: str, name: Literal["light", "dark"]
) -> None:
    theme = THEMES[name]
    path = tmp_path / "notebook.html"
    page_text = AROUND.format(background=theme.background, text=theme.text, output=output)
    path.write_text(page_text, encoding="utf-8")
    with browser.new_context(viewport={"width": 1000, "height": 800}) as context:
        page = context.new_page()
        page.goto(path.as_uri())
        frame = page.frame_locator(".output iframe")
        expect(frame.locator("unet-explorer h2").first).to_have_text("UNet")
        expect(frame.locator(".row.current").first).to_be_visible()
        assert frame.locator("unet-explorer").evaluate("(one) => one.shadowRoot !== null")
        assert is_dark(page) is theme.is_dark


def is_dark(page: Page) -> bool:
    """Whether the explorer in the frame writes light letters."""
    code = page.frame_locator(".output iframe").locator(".row.current code").first
    color: Any = code.evaluate("(one) => getComputedStyle(one).color.match(/[\\d.]+/g).map(Number)")
    return sum(color[:3]) > 3 * 128
