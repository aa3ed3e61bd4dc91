"""tracer/site/pages/views/configurations_page.py: published configurations side by side."""

from __future__ import annotations

import re
from dataclasses import replace

import msgspec
import pytest

from tests.site.toy_site import toy_results
from tracer.errors import TraceError
from tracer.session import Session
from tracer.site.content.model_results import ModelResults
from tracer.site.content.site_config import SiteModel
from tracer.site.content.site_content import SiteContent
from tracer.site.pages.views.configurations_page import configurations_table
from tracer.site.pages.words import EN, KO


def comparing(content: SiteContent, target: str) -> SiteContent:
    """A site that compares a configuration, whose trace is that of the smallest preset."""
    trace = Session.open("tiny").trace
    config = msgspec.structs.replace(
        content.config,
        traces=(*content.config.traces, SiteModel(name="small", target=target, shown=False)),
        configurations=("small",),
    )
    results = ModelResults(trace, trace, toy_results().size_rules)
    return replace(content, config=config, results=content.results | {"small": results})


def rows_of(table: str) -> dict[str, str]:
    """The text of each row by its title."""
    found = re.findall(r"<tr><th[^>]*>(.*?)</th><td[^>]*>(.*?)</td></tr>", table)
    return {title: re.sub(r"<[^>]+>", "", cell) for title, cell in found}


def test_a_configuration_has_its_arguments_and_what_its_trace_says(content: SiteContent) -> None:
    rows = rows_of(configurations_table(comparing(content, "tiny"), EN))
    assert rows["ch_mult"] == "1, 2, 2"
    assert rows["num_res_blocks"] == "1"
    assert rows[EN.parameters] == "1,113,955"
    assert rows[EN.skip_count] == "6"
    assert EN.most_held.format(names="hs") in rows
    assert rows[EN.source] == "model.py#L216-L362"


def test_the_table_is_written_in_each_language(content: SiteContent) -> None:
    table = configurations_table(comparing(content, "tiny"), KO)
    assert KO.configurations_caption in table
    assert KO.most_held.format(names="hs") in rows_of(table)


def test_a_configuration_that_is_no_preset_is_an_error(content: SiteContent) -> None:
    with pytest.raises(TraceError, match='no preset "tyni"'):
        configurations_table(comparing(content, "tyni"), EN)
