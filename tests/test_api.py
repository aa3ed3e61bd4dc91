"""Every command has functions in Python, or the pages say why not, and the other way round."""

from __future__ import annotations

import pytest

import reference_model
import tracer
from tests.conftest import ROOT, UPDATE
from tests.function_page import FUNCTIONS, NO_COMMAND, NO_FUNCTION, SECTION, page_section
from tracer.cli.option_table import COMMAND_NAMES

OTHER_NAMES = {"ledger": "skip_stack", "resize": "at", "size_rules": "sizes"}
NOTEBOOK_HOOKS = {"load_ipython_extension", "unload_ipython_extension"}


def test_every_command_is_in_the_table_once() -> None:
    assert sorted((*FUNCTIONS, *NO_FUNCTION)) == sorted(COMMAND_NAMES)
    assert reference_model.PRESETS


def test_every_public_function_is_in_the_table_once() -> None:
    listed = [name for names in FUNCTIONS.values() for name in names]
    public = {
        name
        for name in tracer.__all__
        if callable(getattr(tracer, name)) and not isinstance(getattr(tracer, name), type)
    }
    assert sorted((*listed, *NO_COMMAND)) == sorted(public - NOTEBOOK_HOOKS - set(OTHER_NAMES))
    for old, new in OTHER_NAMES.items():
        assert getattr(tracer, old) is getattr(tracer, new)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_pages_show_the_table(language: str, request: pytest.FixtureRequest) -> None:
    path = ROOT / f"docs/{language}/tool.md"
    text = path.read_text("utf-8")
    new = SECTION.sub(lambda found: f"{found[1]}{page_section(language)}{found[3]}", text)
    if request.config.getoption(UPDATE):
        path.write_text(new, "utf-8")
    assert request.config.getoption(UPDATE) or new == text, f"run pytest {UPDATE}"
    assert SECTION.search(text)
