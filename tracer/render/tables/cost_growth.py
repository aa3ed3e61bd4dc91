"""How the costs of a symbolic trace grow with its sizes: in sentences, by size, and by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracer.algebra.polynomial import Formula
from tracer.analysis.costs import Costs, SuperlinearFlops, crossover
from tracer.analysis.operations import is_attention
from tracer.record import Symbol, Trace
from tracer.render import number_format
from tracer.render.formats.table import Column, Table
from tracer.render.tables.block_rows import THE_MODEL
from tracer.render.tables.symbol_notes import equal_sizes, word_list

DOUBLINGS = 3
"""The sizes of the run are doubled this many times, to show how the shares change."""
MAX_NAMED_BLOCKS = 4
"""If there are more blocks than this, only the first ones are named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GrowthPhrases:
    """The sentences as templates, in English; the site has them in its other languages, too.

    The first two may also say in which {blocks}, for readers who see no table of them.
    """

    attention: str = "Attention grows with {powers}: {flops} FLOPs of {operations}."
    other: str = "FLOPs grow with {powers}: {flops} FLOPs of {operations}."
    share: str = "At {sizes} this is {share}% of all FLOPs."
    crossover: str = "From {sizes} on, it exceeds {baseline}."


WITH_BLOCKS = GrowthPhrases(
    attention="Attention grows with {powers}: {flops} FLOPs of {operations}, in {blocks}.",
    other="FLOPs grow with {powers}: {flops} FLOPs of {operations}, in {blocks}.",
)


def growth_sentences(
    found: SuperlinearFlops, trace: Trace, costs: Costs, phrases: GrowthPhrases = WITH_BLOCKS
) -> Iterator[str]:
    """Return what grows faster than the image, its share at the run, and when it is the most."""
    template = phrases.attention if _is_all_attention(found, trace) else phrases.other
    yield template.format(
        powers=number_format.formula(str(found.powers)),
        flops=number_format.grouped_formula(str(found.flops)),
        operations=", ".join(found.operations),
        blocks=_block_list(list(found.blocks)),
    )
    share = number_format.percent(costs.at_run(found.flops), costs.at_run(costs.flops))
    yield phrases.share.format(sizes=equal_sizes(costs.sizes), share=share)
    sizes = crossover(found, trace.symbols)
    if sizes is not None:
        baseline = found.baseline_op
        yield phrases.crossover.format(sizes=equal_sizes(sizes), baseline=baseline)


def growth_table(found: SuperlinearFlops, trace: Trace, costs: Costs) -> Table:
    """Return one row per size: all FLOPs, and the shares of what grows fast and of its baseline.

    The sizes are those of the run, larger ones, and those at which the baseline is exceeded.
    """
    rows = _compared_sizes(found, trace.symbols)
    at = [{**costs.sizes, **sizes} for sizes in rows]
    whole = [float(Formula.of(costs.flops).evaluate(sizes)) for sizes in at]
    parts = {**found.operations, found.baseline_op: found.baseline_flops}
    return Table(
        title="By size",
        columns=(
            Column("size", tuple(map(equal_sizes, rows)), "shape"),
            Column(
                "FLOPs",
                tuple(number_format.operations(int(one)) for one in whole),
                "number",
                exact=tuple(str(int(one)) for one in whole),
            ),
            *(
                _share_column(share_title(op), [float(part.evaluate(sizes)) for sizes in at], whole)
                for op, part in parts.items()
                if op
            ),
        ),
    )


def share_title(op: str) -> str:
    """Return the title of the column with the share of an operation."""
    return f"% {op}"


def superlinear_block_table(found: SuperlinearFlops, costs: Costs) -> Table:
    """Return one row per block whose FLOPs grow fast, the most expensive first."""
    blocks = sorted(found.blocks.items(), key=lambda item: -costs.at_run(item[1]))
    flops = [part for _, part in blocks]
    return Table(
        title="By superlinear block",
        columns=(
            Column("block", tuple(call or THE_MODEL for call, _ in blocks), "path"),
            Column(
                "FLOPs",
                tuple(number_format.count(costs.at_run(one)) for one in flops),
                "number",
                exact=tuple(map(str, flops)),
                formulas=tuple(number_format.grouped_formula(str(one)) for one in flops),
            ),
        ),
    )


def _is_all_attention(found: SuperlinearFlops, trace: Trace) -> bool:
    blocks = (trace.blocks[call] for call in found.blocks)
    return all(is_attention(trace.steps[block.first : block.last]) for block in blocks)


def _block_list(calls: Sequence[str]) -> str:
    """`mid.attn`, `down.1.attn.0, down.1.attn.1 and 14 more blocks`."""
    names = [call or "the model itself" for call in calls]
    if len(names) <= MAX_NAMED_BLOCKS:
        return word_list(names)
    first = names[: MAX_NAMED_BLOCKS - 2]
    return f"{', '.join(first)} and {len(names) - len(first)} more blocks"


def _compared_sizes(found: SuperlinearFlops, symbols: Sequence[Symbol]) -> list[dict[str, int]]:
    """The size of the run, larger ones, and the crossover, in order."""
    varied = [symbol for symbol in symbols if symbol.name in found.powers.names]
    sizes = [_enlarged(varied, 2**doublings) for doublings in range(DOUBLINGS + 1)]
    exceeded = crossover(found, symbols)
    if exceeded and exceeded not in sizes:
        sizes.append(exceeded)
    return sorted(sizes, key=lambda one: tuple(one.values()))


def _enlarged(symbols: Sequence[Symbol], factor: int) -> dict[str, int]:
    """The sizes of the run times about a factor, at which the formulas are valid."""
    sizes: dict[str, int] = {}
    for symbol in symbols:
        size = symbol.size * factor
        rest = (symbol.size - size) % symbol.multiple if symbol.multiple else symbol.size - size
        sizes[symbol.name] = size + rest
    return sizes


def _share_column(title: str, parts: Sequence[float], whole: Sequence[float]) -> Column:
    shares = [100 * part / total for part, total in zip(parts, whole, strict=True)]
    return Column(
        title,
        tuple(map(number_format.percent, parts, whole)),
        "number",
        exact=tuple(f"{share:.6g}" for share in shares),
        bars=tuple(round(share, 1) for share in shares),
    )
