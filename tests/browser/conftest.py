"""The site in a real browser: the finished site on a local server, and Chromium to look at it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.site.built import built_site

VARIABLE = "UNET_TRACE_CHROMIUM"
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
MISSING = (
    "These tests drive Chromium, and there is none. Install it (apt-get install chromium), name "
    f"one in {VARIABLE}, or leave the tests out: -m 'not browser'."
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


class Quiet(SimpleHTTPRequestHandler):
    """A server that keeps its log to itself."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built_site(tmp_path_factory)


# Not for the session: the threads and the event loop of these two would be there in other tests.
@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Where the site is served; not at the root of the server, as many sites are not."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=site.parent)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{site.name}"
        server.shutdown()


def chromium_path() -> str | None:
    """Where Chromium is; None if it is not installed."""
    names = [name] if (name := os.environ.get(VARIABLE)) else NAMES
    return next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="module", params=["file", "http"])
def url(request: pytest.FixtureRequest, report: Path) -> Iterator[str]:
    """Where the page of the fixture `report` is, on a disk and on a server."""
    if request.param == "file":
        yield report.as_uri()
        return
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=report.parent)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{report.name}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium_path()
    if path is None:
        pytest.fail(MISSING, pytrace=False)
    with sync_playwright() as driver:
        yield driver.chromium.launch(executable_path=path, args=list(QUIET))


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(viewport={"width": 1440, "height": 900}) as found:
        yield found


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that may load nothing from elsewhere, and on which no script may fail."""
    found = context.new_page()
    troubles: list[str] = []
    found.on("pageerror", lambda error: troubles.append(f"a script failed: {error}"))
    found.on(
        "console",
        lambda message: troubles.append(message.text) if message.type == "error" else None,
    )
    found.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("http://127.0.0.1:", "file:", "data:", "blob:"))
            else troubles.append(f"loads {request.url}")
        ),
    )
    yield found
    assert troubles == []
