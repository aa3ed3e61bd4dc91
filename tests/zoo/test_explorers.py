"""The explorer of UNets that people run, in a browser: `make zoo` installs them and Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import browser, context, page
from tests.browser.explored_models import ExploredModel
from tests.browser.explorer_reader import ExplorerReader
from tests.browser.shown_shapes import differences, table_differences
from tests.zoo.diffusion import unet_2d
from tests.zoo.full_size import stable_diffusion_1_5
from tests.zoo.measures import session
from tests.zoo.parameters import zoo
from tests.zoo.specimens import SPECIMENS, Specimen
from tracer.render.explorer.page import explorer_page

__all__ = ["browser", "context", "page"]

pytestmark = zoo

NAMES = [f"diffusers.{build.__name__}" for build in (stable_diffusion_1_5, unet_2d)]
PHONE = {"width": 390, "height": 844}

each_explored = pytest.mark.parametrize("one", [SPECIMENS[name] for name in NAMES], ids=NAMES)


@lru_cache(maxsize=1)
def explored_specimen(one: Specimen) -> ExploredModel:
    return ExploredModel(session(one))


@pytest.fixture
def report(one: Specimen) -> Iterator[str]:
    with TemporaryDirectory() as folder:
        path = Path(folder, "net.html")
        path.write_text(explorer_page(explored_specimen(one).content), encoding="utf-8")
        yield path.as_uri()


@each_explored
def test_a_reader_steps_through_the_source_and_joins_a_skip(
    one: Specimen, page: Page, report: str
) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(report)
    reader = ExplorerReader(page, explored_specimen(one).document)
    expect(reader.current.first).to_be_visible()
    reader.open_a_call_and_come_back("Back")
    reader.open_a_call_and_come_back("Backspace")
    reader.open_and_close_a_level_and_a_block()
    reader.type_a_failing_size_and_follow_a_suggestion()
    reader.step_until_a_skip_is_joined()
    reader.go_from_the_map_to_the_tables_and_from_there_to_the_code()


@each_explored
def test_a_skip_is_pinned_by_touch(one: Specimen, browser: Browser, report: str) -> None:
    with browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(report)
        ExplorerReader(page, explored_specimen(one).document).pin_a_skip_by_touch()


@each_explored
def test_shapes_are_those_of_traces_at_ten_random_sizes(
    one: Specimen, page: Page, report: str
) -> None:
    page.goto(report)
    expect(page.locator(".row.current").first).to_be_visible()
    found = explored_specimen(one)
    assert list(differences(page, found.session, found.content)) == []
    assert list(table_differences(page, found.session, found.content)) == []
