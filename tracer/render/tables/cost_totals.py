"""What a whole forward pass costs, in sentences: in numbers, or in formulas and how they grow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tracer.analysis.attention import is_attention
from tracer.analysis.costs import Costs, Peak, SuperlinearFlops, crossover, superlinear_flops
from tracer.record import Trace
from tracer.render.number_format import count, formula, grouped_formula, memory, percent, plural
from tracer.render.tables.block_columns import trace_notes
from tracer.render.tables.symbol_notes import equal_sizes, word_list

MAX_NAMED_BLOCKS = 4
"""If there are more blocks than this, only the first ones are named."""


def total_sentences(trace: Trace, costs: Costs) -> tuple[str, ...]:
    """Returns the totals in sentences, what was not counted, and the notes of the trace."""
    totals = _totals_in_formulas if costs.are_formulas else _totals_in_numbers
    return (
        *totals(trace, costs),
        *_not_counted(costs.total.uncounted),
        *trace_notes(trace),
    )


def is_all_attention(found: SuperlinearFlops, trace: Trace) -> bool:
    """Returns whether all superlinear FLOPs are those of attention."""
    blocks = (trace.blocks[call] for call in found.blocks)
    return all(is_attention(trace.steps[block.first : block.last]) for block in blocks)


def _totals_in_numbers(trace: Trace, costs: Costs) -> Iterator[str]:
    total = costs.total
    multiply_adds, flops = costs.at_run(total.multiply_adds), costs.at_run(total.flops)
    buffers = f" and {count(total.buffers)} numbers in buffers" if total.buffers else ""
    weights = memory(costs.at_run(costs.weight_bytes))
    yield f"{count(multiply_adds)} multiply-adds, or {count(flops)} FLOPs: a multiply-add is two."
    yield f"{plural(total.parameters, 'parameter')}{buffers}; {weights} of weights are read."
    yield f"The operations write {memory(costs.at_run(total.activation_bytes))}."
    if costs.peak:
        yield _peak_sentence(trace, costs.peak)


def _peak_sentence(trace: Trace, peak: Peak) -> str:
    """How much memory is in use at most, when, and how much of it holds skips."""
    start = f"Peak memory without weights: {memory(peak.bytes)}"
    if peak.step < 0:
        return f"{start}, the inputs."
    block = peak.block or "the model itself"
    moment = f"during operation {peak.step}, {trace.steps[peak.step].op}, in {block}"
    skips = f"; {memory(peak.skips)} of it hold skips" if peak.skips else ""
    return f"{start}, {moment}{skips}."


def _totals_in_formulas(trace: Trace, costs: Costs) -> Iterator[str]:
    yield f"FLOPs: {grouped_formula(str(costs.flops))}; a multiply-add is two."
    yield f"Bytes written: {grouped_formula(str(costs.bytes))}."
    found = superlinear_flops(trace)
    if found:
        yield from _growth_sentences(found, trace, costs)


def _growth_sentences(found: SuperlinearFlops, trace: Trace, costs: Costs) -> Iterator[str]:
    """What grows faster than the image, its share at the run, and when it costs the most."""
    subject = "Attention grows" if is_all_attention(found, trace) else "FLOPs grow"
    flops = f"{grouped_formula(str(found.flops))} FLOPs of {word_list(found.operations)}"
    blocks = _block_list(list(found.blocks))
    yield f"{subject} with {formula(str(found.powers))}: {flops}, in {blocks}."
    share = percent(costs.at_run(found.flops), costs.at_run(costs.flops))
    at_run = f"At {equal_sizes(costs.sizes)} that is {share}% of all FLOPs"
    sizes = crossover(found, trace.symbols)
    if sizes is not None:
        at_run += f"; from {equal_sizes(sizes)} on it is more than {found.baseline_op}"
    yield f"{at_run}."


def _not_counted(uncounted: Mapping[str, int]) -> Iterator[str]:
    if uncounted:
        names = ", ".join(f"{name} {number:,}" for name, number in uncounted.items())
        yield f"Not counted, because their cost is not known: {names}."


def _block_list(calls: Sequence[str]) -> str:
    """`mid.attn`, `down.1.attn.0, down.1.attn.1 and 14 more blocks`."""
    names = [call or "the model itself" for call in calls]
    if len(names) <= MAX_NAMED_BLOCKS:
        return word_list(names)
    first = names[: MAX_NAMED_BLOCKS - 2]
    return f"{', '.join(first)} and {len(names) - len(first)} more blocks"
