"""A reader explores a diffusion UNet, a UNet of UNets, and one for volumes."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.explored_models import MODELS, ExploredModel
from tests.browser.explorer_reader import ExplorerReader
from tests.browser.shown_shapes import differences, table_differences
from tracer.render.explorer.page import explorer_page

PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module", params=MODELS)
def model(request: pytest.FixtureRequest) -> ExploredModel:
    return ExploredModel(MODELS[request.param]())


@pytest.fixture(scope="module")
def report(model: ExploredModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("explored") / "net.html"
    path.write_text(explorer_page(model.content), encoding="utf-8")
    return path


@pytest.fixture
def reader(page: Page, url: str, model: ExploredModel) -> ExplorerReader:
    page.emulate_media(reduced_motion="reduce")
    page.goto(url)
    found = ExplorerReader(page, model.document)
    expect(found.current.first).to_be_visible()
    return found


def test_a_call_is_opened_with_a_way_back_by_mouse_and_keys(reader: ExplorerReader) -> None:
    reader.open_a_call_and_come_back("Back")
    reader.open_a_call_and_come_back("Backspace")


def test_the_stack_grows_by_keys_and_its_top_is_joined(reader: ExplorerReader) -> None:
    reader.step_until_a_skip_is_joined()


def test_a_level_and_a_block_open_and_close(reader: ExplorerReader) -> None:
    reader.open_and_close_a_level_and_a_block()


def test_a_size_that_fails_is_refused_and_a_suggestion_followed(reader: ExplorerReader) -> None:
    reader.type_a_failing_size_and_follow_a_suggestion()


def test_tables_code_and_map_lead_to_each_other(reader: ExplorerReader) -> None:
    reader.go_from_the_map_to_the_tables_and_from_there_to_the_code()


def test_a_skip_is_pinned_by_touch(browser: Browser, url: str, model: ExploredModel) -> None:
    with browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(url)
        ExplorerReader(page, model.document).pin_a_skip_by_touch()


def test_shapes_are_those_of_traces_at_ten_random_sizes(
    page: Page, report: Path, model: ExploredModel
) -> None:
    page.goto(report.as_uri())
    expect(page.locator(".row.current").first).to_be_visible()
    assert list(differences(page, model.session, model.content)) == []
    assert list(table_differences(page, model.session, model.content)) == []


def test_units_that_are_unets_have_maps_of_their_own(
    model: ExploredModel, reader: ExplorerReader
) -> None:
    opened = reader.page.locator(".map-svg .enter")
    inner = sum(unit["map"] >= 0 for unit in model.document["maps"][0]["units"])
    assert inner == (5 if model.content.trace.model == "NestedUNet" else 0)
    expect(opened).to_have_count(inner)
    if inner:
        opened.first.click()
        expect(reader.page.get_by_role("navigation", name="Maps")).to_be_visible()
