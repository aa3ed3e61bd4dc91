"""The report of a model, checked with axe-core in each of its views: nothing serious."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.explored_models import MODELS, ExploredModel
from tests.browser.explorer_reader import ExplorerReader
from tests.browser.test_accessibility import AXE, SCHEMES, WIDTHS, violations
from tracer.render.explorer.page import explorer_page


@pytest.fixture(scope="module")
def model() -> ExploredModel:
    return ExploredModel(MODELS["nested"]())


@pytest.fixture
def reader(page: Page, tmp_path: Path, model: ExploredModel) -> ExplorerReader:
    path = tmp_path / "net.html"
    path.write_text(explorer_page(model.content), encoding="utf-8")
    page.goto(path.as_uri())
    found = ExplorerReader(page, model.document)
    expect(found.current.first).to_be_visible()
    page.evaluate(AXE)
    return found


def in_every_view(reader: ExplorerReader) -> list[str]:
    """What axe-core finds in each tab, in each scheme."""
    found = []
    for tab in reader.page.locator(".tabs button").all():
        tab.click()
        for scheme in SCHEMES:
            reader.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            where = f"{tab.text_content()}, {scheme}"
            found += [f"{where}: {one}" for one in violations(reader.page)]
    return found


@pytest.mark.parametrize("width", WIDTHS)
def test_no_view_has_a_severe_problem(reader: ExplorerReader, width: int) -> None:
    """Also with a block pinned, and with a size that fails."""
    page = reader.page
    page.set_viewport_size({"width": width, "height": 900})
    assert in_every_view(reader) == []
    name, size, _ = reader.a_failing_size()
    step = reader.first_join()["pop_line"]
    page.evaluate("step => document.querySelector('unet-explorer').select({ step })", step)
    if width != WIDTHS[-1]:  # elsewhere the sizes have a tab of their own
        page.fill(f"#size-{name}", str(size))
    assert in_every_view(reader) == []


def test_problems_inside_the_explorer_are_found(reader: ExplorerReader) -> None:
    button = reader.page.locator(".transport button").first
    button.evaluate(
        "one => { for (const name of ['aria-label', 'title']) one.removeAttribute(name); "
        "one.textContent = ''; }"
    )
    assert any(found.startswith("button-name") for found in violations(reader.page))
