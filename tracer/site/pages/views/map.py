"""The diagram of one model, and the same content as a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tracer.analysis.levels import Level
from tracer.analysis.skips import SkipLink, skips
from tracer.record import Trace
from tracer.render import number_format
from tracer.site.content.dual_text import DualText
from tracer.site.content.model_results import ModelResults
from tracer.site.pages.urls import Addresses, ExplorerFiles, LinkedText
from tracer.site.pages.words import Words


@dataclass(frozen=True, slots=True)
class MapRow:
    """One box of the diagram: its part of the U, its output shape, the other ends of its skips."""

    block: LinkedText
    kind: str
    part: str
    resolution: DualText
    output: DualText
    skips: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MapView:
    """The diagram as SVG, its description, and its rows."""

    name: str
    title: str
    description: str
    run: str
    explorer: ExplorerFiles
    svg: str
    rows: tuple[MapRow, ...]


def middle_pop(trace: Trace) -> int:
    """Return the number of the line that pops the middle one of the skips; 0 if no line pops any.

    >>> from tracer.record import Block
    >>> middle_pop(Trace("Identity", (), (), (), Block("", "", "Identity", (), (), 0, 0, 0, 0)))
    0
    """
    pops = [
        number
        for number, line in enumerate(trace.lines)
        if any(change.kind == "pop" for change in line.changes)
    ]
    return pops[len(pops) // 2] if pops else 0


def map_view(
    results: ModelResults, names: tuple[str, str], svg: str, urls: Addresses, words: Words
) -> MapView:
    """Return the view of one model.

    Args:
        results: What running the model gave.
        names: The name of the model on the site, and its title.
        svg: The diagram.
        urls: The addresses as written on the page of the map.
        words: The phrases in one language.
    """
    name, title = names
    trace = results.trace
    links = skips(trace)
    positions = _positions(results.levels, words)
    symbolic = _positions(results.symbolic_levels, words)
    levels = {resolution for _, resolution in positions.values()}
    return MapView(
        name=name,
        title=title,
        description=words.map_described.format(
            model=title, blocks=len(positions), levels=len(levels), skips=len(links)
        ),
        run=results.run,
        explorer=urls.explorer(name),
        svg=svg,
        rows=tuple(
            MapRow(
                block=LinkedText(call, urls.row(name, call)),
                kind=trace.blocks[call].kind,
                part=part,
                resolution=DualText(resolution, symbolic.get(call, (part, resolution))[1]),
                output=results.shapes.first_of(trace.blocks[call].outputs),
                skips=_skips_of(call, links, words),
            )
            for call, (part, resolution) in sorted(
                positions.items(), key=lambda item: trace.blocks[item[0]].first
            )
        ),
    )


def _positions(levels: Iterable[Level], words: Words) -> dict[str, tuple[str, str]]:
    """The part of the U and the resolution of each block in the diagram."""
    positions: dict[str, tuple[str, str]] = {}
    for level in levels:
        size = number_format.sizes_of(level.spatial_size)
        parts = (
            (words.encoder, level.encoder),
            (words.middle, level.middle),
            (words.decoder, level.decoder),
        )
        number = f" {level.unet}" if level.unet else ""
        positions |= {call: (part + number, size) for part, calls in parts for call in calls}
    return positions


def _skips_of(call: str, links: tuple[SkipLink, ...], words: Words) -> tuple[str, ...]:
    """The skips that leave a block, then those that enter it."""
    leaving = [words.skip_to.format(block=link.target) for link in links if link.source == call]
    entering = [words.skip_from.format(block=link.source) for link in links if link.target == call]
    return (*leaving, *entering)
