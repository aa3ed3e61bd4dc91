"""What a forward costs, in numbers and in formulas, and what of it grows faster than the image."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tracer.algebra.polynomial import Formula
from tracer.analysis.costs import (
    CostFormula,
    CostFormulas,
    Growth,
    cost_formulas,
    growth,
    overtaken,
)
from tracer.analysis.costs import sizes_of as sizes_of_run
from tracer.record import Symbol
from tracer.render import number_format
from tracer.render.tables.symbol_notes import equal_sizes
from tracer.render.tables.symbolic_costs import is_all_attention
from tracer.site.content.dual_text import DualText
from tracer.site.content.model_results import ModelResults
from tracer.site.pages.urls import Addresses
from tracer.site.pages.urls import LinkedText as PlaceLinks
from tracer.site.pages.words import Words

DOUBLINGS = 3
"""The size of the run is doubled so many times, to show how the shares change."""


@dataclass(frozen=True, slots=True)
class CostRow:
    """One kind of operation, or all: how many, what they cost, what they write, their share."""

    name: str
    times: int
    flops: DualText
    bytes: DualText
    share: str


@dataclass(frozen=True, slots=True)
class FastRow:
    """Blocks that cost the same and grow fast."""

    blocks: tuple[PlaceLinks, ...]
    flops: DualText


@dataclass(frozen=True, slots=True)
class SizeRow:
    """The costs at one size: all FLOPs, and the shares of what is compared, in percent."""

    sizes: str
    flops: str
    shares: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CostsView:
    """Kinds of operation, sentences about what grows fast, and how the shares change with size."""

    name: str
    run: str
    rows: tuple[CostRow, ...]
    growth: tuple[str, ...]
    fast: tuple[FastRow, ...]
    kinds: tuple[str, ...]
    sizes: tuple[SizeRow, ...]


def costs_view(findings: ModelResults, name: str, to: Addresses, words: Words) -> CostsView:
    """The view of the costs of a model; `name` is that of its trace on the site."""
    costs, found = cost_formulas(findings.formulas), growth(findings.formulas)
    here = sizes_of_run(findings.formulas)
    maker = _Maker(findings, costs, here)
    return CostsView(
        name=name,
        run=findings.run,
        rows=tuple(maker.rows(words)),
        growth=tuple(maker.sentences(found, words)) if found else (),
        fast=tuple(maker.fast(found, name, to)) if found else (),
        kinds=(*found.operations, found.rival) if found else (),
        sizes=tuple(maker.sizes(found)) if found else (),
    )


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the rows for one model; `here` are the sizes of its run."""

    findings: ModelResults
    costs: CostFormulas
    here: Mapping[str, int]

    def rows(self, words: Words) -> Iterator[CostRow]:
        """The whole, then the kinds of operation whose cost is known, the largest first."""
        yield self.row(words.whole, self.costs.total)
        counted = {op: cost for op, cost in self.costs.operations.items() if cost.flops.terms}
        for op in sorted(counted, key=lambda op: -self.at_run(counted[op].flops)):
            yield self.row(op, counted[op])

    def row(self, name: str, cost: CostFormula) -> CostRow:
        share = number_format.percent(self.at_run(cost.flops), self.at_run(self.costs.total.flops))
        return CostRow(
            name=name,
            times=cost.steps,
            flops=self.written(cost.flops),
            bytes=DualText(
                number_format.memory(self.at_run(cost.activation_bytes)),
                number_format.grouped_formula(str(cost.activation_bytes)),
            ),
            share=share,
        )

    def written(self, flops: Formula) -> DualText:
        return DualText(
            number_format.count(self.at_run(flops)), number_format.grouped_formula(str(flops))
        )

    def at_run(self, formula: Formula) -> int:
        return int(formula.evaluate(self.here))

    def sentences(self, found: Growth, words: Words) -> Iterator[str]:
        """What grows with what, how much that is now, and from when on it is the most."""
        attention = is_all_attention(found, self.findings.formulas)
        said = words.attention_grows if attention else words.flops_grow
        yield said.format(
            powers=number_format.formula(str(found.powers)),
            flops=number_format.grouped_formula(str(found.flops)),
            operations=", ".join(found.operations),
        )
        share = number_format.percent(self.at_run(found.flops), self.at_run(self.costs.total.flops))
        yield words.growth_share.format(sizes=equal_sizes(self.here), share=share)
        from_on = overtaken(found, self.findings.formulas.symbols)
        if from_on is not None:
            yield words.growth_from.format(sizes=equal_sizes(from_on), rival=found.rival)

    def fast(self, found: Growth, name: str, to: Addresses) -> Iterator[FastRow]:
        """The blocks that grow fast, those that cost the same together, the dearest first."""
        alike: dict[Formula, list[str]] = {}
        for call, flops in found.blocks.items():
            alike.setdefault(flops, []).append(call)
        for flops in sorted(alike, key=lambda flops: -self.at_run(flops)):
            blocks = tuple(PlaceLinks(call, to.row(name, call)) for call in alike[flops])
            yield FastRow(blocks, self.written(flops))

    def sizes(self, found: Growth) -> Iterator[SizeRow]:
        """The size of the run, larger ones, and the one from which on the fast part is the most."""
        symbols = self.findings.formulas.symbols
        free = [symbol for symbol in symbols if symbol.name in found.powers.names]
        larger = [_larger(free, 2**times) for times in range(DOUBLINGS + 1)]
        from_on = overtaken(found, symbols)
        several = [*larger, *([from_on] if from_on and from_on not in larger else [])]
        for sizes in sorted(several, key=lambda sizes: tuple(sizes.values())):
            yield self.size_row(found, sizes)

    def size_row(self, found: Growth, sizes: Mapping[str, int]) -> SizeRow:
        at = {**self.here, **sizes}
        whole = float(self.costs.total.flops.evaluate(at))
        parts = [*found.operations.values(), found.rival_flops]
        shares = (number_format.percent(float(part.evaluate(at)), whole) for part in parts)
        return SizeRow(equal_sizes(sizes), number_format.operations(int(whole)), tuple(shares))


def _larger(symbols: list[Symbol], times: int) -> dict[str, int]:
    """Sizes about so many times as large as those of the run, at which the formulas hold."""
    sizes = {symbol.name: symbol.size * times for symbol in symbols}
    return {
        symbol.name: sizes[symbol.name] + (symbol.size - sizes[symbol.name]) % symbol.multiple
        if symbol.multiple
        else symbol.size
        for symbol in symbols
    }
