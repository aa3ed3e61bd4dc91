"""The command that lists the presets."""

from __future__ import annotations

import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING

from tracer.cli.output import Destination, write_table
from tracer.cli.stderr import report
from tracer.errors import TraceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracer.preset_registry import Preset
    from tracer.render.formats.table import Table

SENTENCE_WIDTH = 78


def run(destination: Destination) -> int:
    """List the models that have a short name."""
    from tracer.preset_registry import installed_presets, nothing_installed

    found = installed_presets()
    if not found.by_name:
        raise TraceError(f"There are no presets: {nothing_installed(found)}")
    for sentence in found.broken:
        report(f"Warning: {sentence}.")
    records = [_record(name, preset) for name, preset in found.by_name.items()]
    table = _table(found.by_name)
    if not destination.format.for_programs:
        table = _with_sources_below(table, found.by_name)
    write_table(table, records, destination)
    return 0


def _record(name: str, preset: Preset) -> dict[str, object]:
    return {
        "name": name,
        "summary": preset.summary,
        "parameters": preset.parameters,
        "source": preset.source,
        "url": preset.url,
        "target": preset.target,
        "keywords": dict(preset.keywords()),
    }


def _with_sources_below(table: Table, by_name: Mapping[str, Preset]) -> Table:
    """The table without its widest column, which stands below it in sentences."""
    sources = (
        textwrap.fill(f"{name}: {preset.source}", SENTENCE_WIDTH, subsequent_indent="  ")
        for name, preset in by_name.items()
    )
    return replace(table, columns=table.columns[:-1], summary=tuple(sources))


def _table(by_name: Mapping[str, Preset]) -> Table:
    from tracer.render import number_format
    from tracer.render.formats.table import Column, Narrowing, Table

    presets = by_name.values()
    return Table(
        title="",
        columns=(
            Column("preset", tuple(by_name), "path"),
            Column(
                "params",
                tuple(number_format.count(preset.parameters) for preset in presets),
                "number",
                short=tuple(number_format.rounded(preset.parameters) for preset in presets),
                exact=tuple(str(preset.parameters) for preset in presets),
            ),
            Column(
                "what it is",
                tuple(preset.summary for preset in presets),
                short=tuple(preset.summary.partition(":")[0] for preset in presets),
            ),
            Column("source", tuple(preset.source for preset in presets)),
        ),
        narrowing=(
            Narrowing("params", "shorten"),
            Narrowing("what it is", "shorten"),
        ),
    )
