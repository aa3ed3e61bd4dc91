"""Facts of a trace that a text can name in braces: ``{output mid.attn_1}``.

A text with a number that the trace does not have cannot be written, because the number is not in
the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from tracer.analysis.skip_stack import LedgerEntry
from tracer.errors import SiteError
from tracer.record import Block
from tracer.render import number_format
from tracer.render.tables.join_text import channel_sums
from tracer.site.content.model_results import ModelResults

FACT = re.compile(r"\{(\w+)((?: [^{}\s]+)*)\}")
Fact = Callable[..., str]


def with_facts(text: str, results: ModelResults) -> str:
    """Return a text with each ``{fact argument ...}`` replaced by what the trace says.

    Raises:
        SiteError: There is no such fact, or the trace has no such block, tensor or size.
    """

    def found(match: re.Match[str]) -> str:
        name, arguments = match[1], match[2].split()
        if name not in FACTS:
            raise SiteError(f"There is no fact {name!r} of a trace. There are: {', '.join(FACTS)}.")
        try:
            return FACTS[name](results, *arguments)
        except (KeyError, StopIteration, TypeError, ValueError) as error:
            raise SiteError(f"The trace does not know {match[0]}: {error!r}.") from None

    return FACT.sub(found, text)


def _block(results: ModelResults, call: str) -> Block:
    return results.trace.blocks[call]


def _output(results: ModelResults, call: str) -> str:
    return number_format.close_sizes_of(_block(results, call).outputs[0].shape)


def _input(results: ModelResults, call: str) -> str:
    return number_format.close_sizes_of(_block(results, call).inputs[0].shape)


def _channels(results: ModelResults, call: str) -> str:
    return str(_block(results, call).inputs[0].shape[1])


def _parameters(results: ModelResults, call: str) -> str:
    return f"{_block(results, call).parameters:,}"


def _local(results: ModelResults, name: str, call: str) -> str:
    """What a local variable of the model is when a block has run and its line has not ended."""
    first = _block(results, call).first
    bound = [
        value
        for line in results.trace.lines
        if not line.block and line.last <= first
        for variable, value in line.names
        if variable == name
    ]
    return number_format.close_sizes_of(bound[-1].shape)


def _calls(results: ModelResults, kind: str) -> str:
    """How often modules of a class are called."""
    found = sum(block.kind == kind for block in results.trace.root.walk())
    if not found:
        raise ValueError(f"no {kind} is called")
    return str(found)


def _step(results: ModelResults, operation: str, call: str) -> str:
    """The output of the first operation of a name in a block."""
    block = _block(results, call)
    steps = results.trace.steps[block.first : block.last]
    step = next(step for step in steps if step.op == operation)
    return number_format.close_sizes_of(step.outputs[0].shape)


def _popped(results: ModelResults, call: str) -> LedgerEntry:
    """The tensor on the stack that a block takes in."""
    entries: Iterable[LedgerEntry] = results.ledger.entries
    return next(one for one in entries if one.popped and one.popped.block == call)


def _pushed_by(results: ModelResults, call: str) -> str:
    maker = _popped(results, call).pushed.block
    if maker is None:
        raise ValueError(f"no block made what {call} takes in")
    return maker


def _push(results: ModelResults, call: str) -> str:
    return str(results.ledger.entries.index(_popped(results, call)) + 1)


def _popped_shape(results: ModelResults, call: str) -> str:
    return number_format.close_sizes_of(_popped(results, call).value.shape)


def _join(results: ModelResults, call: str) -> str:
    return channel_sums(_popped(results, call).joins)


def _depth(results: ModelResults, call: str) -> str:
    """How many tensors are on the stack when the output of a block has been pushed."""
    entries = results.ledger.entries
    return str(next(one.depth for one in entries if one.pushed.block == call))


def _pushes(results: ModelResults) -> str:
    return str(len(results.ledger.entries))


def _peak(results: ModelResults) -> str:
    """The most bytes on the stack."""
    peak = results.ledger.peak
    if peak is None or peak.byte_count is None:
        raise ValueError("the bytes on the stack are not known")
    return number_format.memory(peak.byte_count)


def _allowed(results: ModelResults, axis: str, size: str) -> bool:
    return results.size_rules.allows({axis: int(size)})


def _works(results: ModelResults, axis: str, size: str) -> str:
    if not _allowed(results, axis, size):
        raise ValueError(f"{axis} = {size} fails")
    return size


def _fails(results: ModelResults, axis: str, size: str) -> str:
    if _allowed(results, axis, size):
        raise ValueError(f"{axis} = {size} works")
    return size


FACTS: Mapping[str, Fact] = {
    "calls": _calls,
    "channels": _channels,
    "depth": _depth,
    "fails": _fails,
    "input": _input,
    "join": _join,
    "local": _local,
    "output": _output,
    "parameters": _parameters,
    "peak": _peak,
    "popped": _popped_shape,
    "push": _push,
    "pushed_by": _pushed_by,
    "pushes": _pushes,
    "step": _step,
    "works": _works,
}
"""Every fact by the name that texts use."""
