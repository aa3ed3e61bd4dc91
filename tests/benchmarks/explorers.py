"""The reports of big models in Chromium: their sizes on disk, the first paint, and a step."""

from __future__ import annotations

import statistics
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.benchmarks.subjects import ZOO, subject
from tests.browser.conftest import QUIET, chromium_path
from tracer.reports import report
from tracer.session import Session

STEPPED = "stable-diffusion-xl"
LOADS, PLACES, STEPS = 5, 20, 10
"""How often a report is opened; and how many steps are taken, from so many places of the run."""

SIZE = {"width": 1440, "height": 900}
READY = ".row.current"
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
SETTLED = "new Promise((done) => requestAnimationFrame(() => setTimeout(done, 20)))"
LINES = "document.querySelector('unet-explorer').document.lines.length"
GO_TO = "(step) => document.querySelector('unet-explorer').select({ step })"


def in_chromium() -> dict[str, float]:
    """Megabytes and seconds by model and what was measured."""
    found: dict[str, float] = {}
    with TemporaryDirectory() as folder, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium_path(), args=list(QUIET))
        for name in ZOO:
            one = subject(name)
            path = Path(folder, f"{name}.html")
            report(Session.of(one.model, one.inputs), path)
            found[f"{name}, size"] = path.stat().st_size / 1e6
            loads = [_first_paint(browser, path.as_uri()) for _ in range(LOADS)]
            found[f"{name}, paint"] = statistics.median(loads)
        found[f"{STEPPED}, step"] = _step(browser, Path(folder, f"{STEPPED}.html").as_uri())
    return found


def _first_paint(browser: Browser, address: str) -> float:
    """Seconds from the request until something of a report is seen, with an empty cache."""
    with browser.new_context(viewport=SIZE) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector(READY)
        return float(page.evaluate(PAINT)) / 1e3


def _step(browser: Browser, address: str) -> float:
    """The median of what the main thread works for a step: script, style, layout and paint."""
    with browser.new_context(viewport=SIZE) as context:  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(address)
        page.wait_for_selector(READY)
        metrics = context.new_cdp_session(page)
        metrics.send("Performance.enable")
        lines = page.evaluate(LINES)
        took = []
        for place in range(PLACES):
            page.evaluate(GO_TO, place * lines // PLACES)
            page.evaluate(SETTLED)
            took += [_one_step(page, metrics) for _ in range(STEPS)]
        return statistics.median(took)


def _one_step(page: Page, metrics: CDPSession) -> float:
    before = _worked(metrics)
    page.keyboard.press("ArrowRight")
    page.evaluate(SETTLED)
    return _worked(metrics) - before


def _worked(metrics: CDPSession) -> float:
    """Seconds that the main thread has spent on tasks."""
    values = metrics.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in values if one["name"] == "TaskDuration"))
