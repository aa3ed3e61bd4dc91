"""The diagram of one trace, and the same as a table."""

from __future__ import annotations

from dataclasses import dataclass

from tracer.analysis.levels import resolution_levels
from tracer.analysis.skips import SkipLink, skips
from tracer.record import Trace
from tracer.render import number_format
from tracer.site.models.dual_text import DualText
from tracer.site.models.results import ModelResults
from tracer.site.pages.urls import Addresses
from tracer.site.pages.views.places import PlaceLinks
from tracer.site.pages.words import Words


@dataclass(frozen=True, slots=True)
class MapRow:
    """One box of the diagram: where it stands, what it makes, its skip partners."""

    block: PlaceLinks
    kind: str
    part: str
    resolution: DualText
    made: DualText
    partners: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MapView:
    """The diagram (its SVG), what it shows in words, and its rows."""

    name: str
    title: str
    described: str
    run: str
    svg: str
    rows: tuple[MapRow, ...]


def map_view(
    findings: ModelResults, names: tuple[str, str], svg: str, to: Addresses, words: Words
) -> MapView:
    """The view of a trace; `names` are its name on the site and its title."""
    name, title = names
    trace = findings.trace
    links = skips(trace)
    placed = _placed(trace, links, words)
    sizes = {resolution for _, resolution in placed.values()}
    formulas = _placed(findings.formulas, skips(findings.formulas), words)
    return MapView(
        name=name,
        title=title,
        described=words.map_described.format(
            model=title, blocks=len(placed), levels=len(sizes), skips=len(links)
        ),
        run=findings.run,
        svg=svg,
        rows=tuple(
            MapRow(
                block=PlaceLinks(call, to.row(name, call)),
                kind=trace.blocks[call].kind,
                part=part,
                resolution=DualText(resolution, formulas.get(call, (part, resolution))[1]),
                made=findings.shapes.first_of(trace.blocks[call].outputs),
                partners=_partners(call, links, words),
            )
            for call, (part, resolution) in sorted(
                placed.items(), key=lambda item: trace.blocks[item[0]].first
            )
        ),
    )


def _placed(trace: Trace, links: tuple[SkipLink, ...], words: Words) -> dict[str, tuple[str, str]]:
    """For each block of the ladder, its part and its resolution."""
    placed: dict[str, tuple[str, str]] = {}
    for level in resolution_levels(trace, links):
        size = number_format.sizes_of(level.spatial_size)
        parts = (
            (words.encoder, level.encoder),
            (words.middle, level.middle),
            (words.decoder, level.decoder),
        )
        placed |= {call: (part, size) for part, calls in parts for call in calls}
    return placed


def _partners(call: str, links: tuple[SkipLink, ...], words: Words) -> tuple[str, ...]:
    to = [words.skip_to.format(block=link.target) for link in links if link.source == call]
    come = [words.skip_from.format(block=link.source) for link in links if link.target == call]
    return (*to, *come)
