"""The blocks of a model that are in lists: what its constructor's loops built, with channels.

A block counts if its path has two numbers, as those of nested loops: ``up.1.block.2``. What stands
at the same place of another list, ``up.1.attn.2``, belongs to the same turn of the loop.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from tracer.record import Block
from tracer.render.formats.table import Column, Table
from tracer.render.tables.join_text import channel_sums
from tracer.site.content.model_results import ModelResults
from tracer.site.pages.page_table import table_part
from tracer.site.pages.words import Words


@dataclass(frozen=True, slots=True)
class LoopTurn:
    """One turn of a loop: its first block, the channels in and out, and the blocks beside it."""

    block: str
    channels_in: str
    channels_out: str
    beside: tuple[str, ...]


def loop_turns(results: ModelResults) -> Iterator[LoopTurn]:
    """Yield the turns in the order in which the blocks are called."""
    trace = results.trace
    joins = {one.popped.block: one.joins for one in results.ledger.entries if one.popped}
    seen: dict[tuple[str, str], list[Block]] = {}
    for block in trace.root.walk():
        parent, _, number = block.path.rpartition(".")
        level = parent.rpartition(".")[0]
        is_inside = any(block.path.startswith(f"{one[0].path}.") for one in seen.values())
        is_nested = number.isdecimal() and level.rpartition(".")[2].isdecimal()
        if is_nested and block.call == block.path and not is_inside:
            seen.setdefault((level, number), []).append(block)
    for first, *others in seen.values():
        channels = first.inputs[0].shape[1]
        yield LoopTurn(
            first.path,
            channel_sums(joins[first.call]) if first.call in joins else str(channels),
            str(first.outputs[0].shape[1]),
            tuple(other.path for other in others),
        )


def lists_table(results: ModelResults, words: Words) -> Markup:
    """Return the turns as a table."""
    turns = list(loop_turns(results))
    columns = (
        Column(words.block, tuple(turn.block for turn in turns), "path"),
        Column(words.channels_in, tuple(turn.channels_in for turn in turns), "number"),
        Column(words.channels_out, tuple(turn.channels_out for turn in turns), "number"),
        Column(words.followed_by, tuple(", ".join(turn.beside) for turn in turns), "path"),
    )
    return table_part(Table("", columns), words.lists_caption, words)
