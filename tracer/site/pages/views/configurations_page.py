"""Published configurations side by side: what each sets, and what its trace says of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from tracer.analysis.costs import cost
from tracer.analysis.skips import skips
from tracer.preset_registry import Preset, find_preset
from tracer.render import number_format
from tracer.render.formats.table import Column, Table
from tracer.render.tables.skip_stack import stack_names
from tracer.site.content.model_results import ModelResults
from tracer.site.content.site_content import SiteContent
from tracer.site.pages.page_table import table_part
from tracer.site.pages.words import Words


@dataclass(frozen=True, slots=True)
class Configuration:
    """A preset and what running it gave, under its name."""

    name: str
    preset: Preset
    results: ModelResults


def configurations_of(content: SiteContent) -> Iterator[Configuration]:
    """Yield the configurations that a site compares.

    Raises:
        TraceError: One of them is no preset.
    """
    targets = {model.name: model.target for model in content.config.traces}
    for name in content.config.configurations:
        yield Configuration(name, find_preset(targets[name]), content.results[name])


def configurations_table(content: SiteContent, words: Words) -> Markup:
    """Return a table with a column per configuration."""
    found = list(configurations_of(content))
    columns = [dict(_rows(one, words)) for one in found]
    titles = tuple(dict.fromkeys(title for column in columns for title in column))
    return table_part(
        Table(
            "",
            (
                Column(words.setting, titles, "place"),
                *(
                    Column(
                        one.name,
                        tuple(column.get(title, "") for title in titles),
                        links=tuple(
                            one.preset.url if title == words.source else None for title in titles
                        ),
                    )
                    for one, column in zip(found, columns, strict=True)
                ),
            ),
        ),
        words.configurations_caption,
        words,
    )


def _rows(one: Configuration, words: Words) -> Iterator[tuple[str, str]]:
    """The title of each row, and what it says of a configuration."""
    for name, value in one.preset.keywords().items():
        yield name, ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    trace, ledger = one.results.trace, one.results.ledger
    costs = cost(trace)
    yield words.parameters, number_format.count(trace.root.parameters)
    yield words.flops, number_format.operations(costs.at_run(costs.flops))
    yield words.skip_count, str(len(skips(trace)))
    if ledger.peak:
        names = ", ".join(stack_names(ledger))
        held = number_format.memory(ledger.peak.byte_count or 0)
        yield words.most_held.format(names=names), held
    yield words.source, one.preset.url.rpartition("/")[2]
